export type Outcome = 'admitted' | 'refused' | 'undocumented';

export type Reason =
  | 'not_enforced'
  | 'allowed_repository'
  | 'signed_as_required'
  | 'registry_not_registered'
  /** Registered with a CA that is not the registry's. */
  | 'registry_unreadable'
  | 'not_signed'
  | 'policy_not_met'
  /** The documents are silent or disagree, and it matters here: see the readings. */
  | 'readings_differ'
  /** What the image is signed with is in a registry whose trust data was not read. */
  | 'trust_data_not_read';

/** A rule of UCP's as far as it is known. */
export interface Rule {
  readonly text: string;
  /** D: the vendor's documents. C: seen in third-party work. I: inferred. U: in no document, or documents disagree. */
  readonly label: 'D' | 'C' | 'I' | 'U';
  /** Where it is written. */
  readonly source: string;
}

/** What a UCP answers, taken that everything it depends on is known. */
export interface Answer {
  readonly admitted: boolean;
  readonly reason: Reason;
  /** UCP's own text; undefined when admitted. */
  readonly refusal: string | undefined;
  readonly rule: Rule;
  /** What was found. */
  readonly explanation: string;
  /** What to change so that it is admitted; undefined when it is. */
  readonly cure: string | undefined;
}

/**
 * How to take what the documents leave open; one key for each question. `trustData` stands for signatures in a registry
 * that was not asked.
 */
export interface Assumptions {
  readonly noTeam: 'any-signature' | 'any-ucp-user' | 'team-member';
  readonly teamFormat: 'name' | 'org/name' | 'id' | 'any';
  readonly teamsOf: 'docker-datacenter' | 'any-organisation';
  readonly userNames: boolean;
  readonly unreleased: 'each-digest' | 'no-trust-data';
  readonly digestAlone: 'any-tag' | 'no-trust-data';
  readonly allowRepositories: 'heeded' | 'ignored';
  readonly trustData: 'as-required' | 'not-as-required';
}

/** One way to read the documents, and what it gives for this image. */
export interface Reading extends Answer {
  readonly name: string;
  /** Only what makes a difference here. */
  readonly assumes: Partial<Assumptions>;
}

export interface Verdict {
  /** `undocumented`: some plausible readings admit and some refuse. */
  readonly outcome: Outcome;
  readonly reason: Reason;
  /** UCP's own text, as its API answers: what it says when it refuses. Undefined when admitted. */
  readonly refusal: string | undefined;
  readonly rule: Rule;
  /** What was found. */
  readonly explanation: string;
  /** What to change; undefined when admitted. */
  readonly cure: string | undefined;
  /** Readings of the documents that give different answers here; empty where all plausible ones give the same. */
  readonly readings: readonly Reading[];
}
