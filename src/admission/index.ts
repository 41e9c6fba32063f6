export { decide, type Outcome, type Reading, type Reason, type Verdict } from './decide';
export type { ClusterFacts, ClusterTeam, ClusterUser, RepositoryTrust, SigningPolicy, TagSignature } from './facts';
export { parseImageReference, type ImageReference } from './image-reference';
