export { PlanRehearsal, type Replacement } from './plan-rehearsal';
export type { PlannedChange, TrustNow } from './planned-change';
export {
  type Guarded,
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
