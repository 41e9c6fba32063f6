export { verifyListed, versionsOf } from './chain';
export { failure, type VerificationCode } from './failure';
export { checkMeta } from './freshness';
export type { Expectations, VerifiedDelegation, VerifiedDocument, VerifiedTrust } from './model';
export { verifyDelegation, verifySnapshot, verifyTargets, verifyTimestamp } from './roles';
export { stepBack, verifyRoot } from './root';
export { validSigners } from './signatures';
