import type { Activity } from './activity';

/**
 * Operations of one plan that belong together come in any order: Terraform has no edge between a removed resource and those
 * that depended on it, so a signer may be planned to go before the signatures that go with it.
 */
export class Company {
  #arrived = 0;

  constructor(private readonly activity: Activity) {}

  get arrived(): number {
    return this.#arrived;
  }

  arrive(): void {
    this.#arrived += 1;
    this.activity.stir();
  }

  /** Whether another one has arrived after the `arrived` given, or does before all is quiet. */
  async comes(after: number): Promise<boolean> {
    while (this.#arrived === after) {
      if (!(await this.activity.goesOn())) break;
    }
    return this.#arrived > after;
  }
}
