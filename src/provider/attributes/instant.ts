/** RFC 3339 in whole seconds, UTC: what Terraform's `timecmp` and `timeadd` take. */
export function rfc3339(instant: Date): string {
  return instant.toISOString().replace(/\.\d+Z$/, 'Z');
}
