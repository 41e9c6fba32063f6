import { serveForTests, type TestServer } from '../../src/plugin';
import { Terraform } from '../acceptance/terraform';
import { Library, libraryProvider } from './library';

export const ADDRESS = 'terraform.local/test/library';
export const HEAD = `terraform {
  required_providers {
    library = { source = "${ADDRESS}" }
  }
}
`;

/** `library_book.a` with these arguments. */
export function book(arguments_: string): string {
  return `${HEAD}resource "library_book" "a" {\n${arguments_}\n}\n`;
}

/** An empty library, its provider served from this process, and a Terraform that uses it. */
export class Stage {
  private constructor(
    readonly library: Library,
    readonly server: TestServer,
    readonly terraform: Terraform,
  ) {}

  static async open(): Promise<Stage> {
    const library = new Library();
    const server = await serveForTests(libraryProvider(library), ADDRESS);
    return new Stage(library, server, await Terraform.start({ TF_REATTACH_PROVIDERS: server.reattach }));
  }

  /** Applies it and checks that nothing is left to do. @returns the values of `library_book.a` */
  async applied(configuration: string): Promise<Readonly<Record<string, unknown>> | undefined> {
    await this.terraform.configure(configuration);
    await this.terraform.must(this.terraform.apply());
    await this.terraform.expectNoChanges();
    return (await this.terraform.state()).get('library_book.a')?.values;
  }

  /** What a plan of it would change. */
  async planned(configuration: string) {
    await this.terraform.configure(configuration);
    const { changes } = await this.terraform.must(this.terraform.plan());
    return changes.filter(({ actions }) => actions[0] !== 'no-op');
  }

  async close(): Promise<void> {
    await this.terraform.close();
    await this.server.close();
  }
}
