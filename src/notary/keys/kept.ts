/** What has been made of a text, for texts that come again and again. Bounded in number and size: they come from outside. */
export class Kept<T> {
  private readonly made = new Map<string, T>();

  constructor(
    private readonly most = 2000,
    private readonly longest = 16 * 1024,
  ) {}

  /** What `make` throws is thrown each time. */
  of(text: string, make: () => T): T {
    const known = this.made.get(text);
    if (known !== undefined) return known;
    const made = make();
    if (text.length > this.longest) return made;
    // a Map keeps the order of insertion, so the first one is the oldest
    if (this.made.size >= this.most) this.made.delete(this.made.keys().next().value ?? '');
    this.made.set(text, made);
    return made;
  }
}
