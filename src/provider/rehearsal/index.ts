export { PlanRehearsal, type Replacement } from './plan-rehearsal';
export type { PlannedChange, TrustNow } from './planned-change';
export {
  isLockOut,
  keepsSignatures,
  type Overlay,
  refusedUntil,
  rehearse,
  withoutRegistry,
  withPolicy,
  withTrust,
} from './rehearse';
