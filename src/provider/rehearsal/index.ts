export { PlanRehearsal, type Replacement } from './plan-rehearsal';
export type { PlannedChange, TrustNow } from './planned-change';
export {
  isLockOut,
  keepsSignatures,
  type Overlay,
  refusedUntil,
  rehearse,
  withoutRegistry,
  withRegistry,
  withPolicy,
  withTrust,
} from './rehearse';
