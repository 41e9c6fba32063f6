export { PlanRehearsal } from './plan-rehearsal';
export type { PlannedChange, TrustNow } from './planned-change';
export { isLockOut, type Overlay, rehearse, rehearseWrongCa, withoutRegistry, withPolicy, withTrust } from './rehearse';
