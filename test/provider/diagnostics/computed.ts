/** Codes that the source does not write where it makes the error, by file. */
export const COMPUTED: Readonly<Record<string, readonly string[]>> = {};

/** Codes that no user of the provider meets, and why. */
export const UNSEEN: Readonly<Record<string, string>> = {};
