export { decide } from './decide';
export type { ClusterFacts, ClusterTeam, ClusterUser, RepositoryTrust, SigningPolicy, TagSignature } from './facts';
export { HUB, type ImageReference, imageReferenceProblem, parseImageReference } from './image-reference';
export type { Answer, Assumptions, Outcome, Reading, Reason, Rule, Verdict } from './verdict';
