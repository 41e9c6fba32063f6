import * as dct from '../bindings';
import { call, TerraformStack, Token, type IResolvable, type IResolveContext } from './cdktf';
import { refusal } from './refusal';

/**
 * The functions of the provider `dct`, for which CDKTF generates nothing. Terraform calls them: arguments may be Terraform
 * expressions, and what they return is one. The stack has to have the provider ({@link DctProvider.of} or any construct here).
 */
export const dctFunctions = {
  /** Canonical key ID of one PEM certificate or public key: by it docker names key files, and signers' keys. */
  keyId: (pem: string): string => Token.asString(new ProviderFunction('key_id', [pem])),
  /** GUN of a repository (its name, or already its GUN): `<registry host[:port]>/<namespace>/<repository>`. */
  gun: (hostAddress: string, name: string): string => Token.asString(new ProviderFunction('gun', [hostAddress, name])),
} as const;

/** `provider::dct::<name>(…)`, by the local name that the provider has in each stack that CDKTF makes. */
class ProviderFunction implements IResolvable {
  readonly creationStack: string[] = [];

  constructor(
    private readonly name: string,
    private readonly given: readonly string[],
  ) {}

  resolve(context: IResolveContext): unknown {
    const stack = TerraformStack.of(context.scope);
    if (!stack.node.findAll().some((construct) => construct instanceof dct.DctProvider)) {
      throw refusal(
        context.scope,
        `it calls the function ${this.name} of the provider dct, which the stack ${stack.node.id} does not have`,
        'add DctProvider.of(stack)',
      );
    }
    return call(
      `provider::dct::${this.name}`,
      this.given.map((value) => (Token.isUnresolved(value) ? value : new Literal(value))),
    ).resolve(context);
  }

  toString(): string {
    return Token.asString(this);
  }
}

/** A text as HCL writes it. CDKTF's own quoting leaves out `"` and `\r`, which PEM files may hold. */
class Literal implements IResolvable {
  readonly creationStack: string[] = [];

  constructor(private readonly text: string) {}

  resolve(): string {
    const escaped = JSON.stringify(this.text).replace(/\\[bf]/g, (short) => (short === '\\b' ? '\\u0008' : '\\u000c'));
    return escaped.replace(/[$%]\{/g, (opening) => `${opening.charAt(0)}${opening}`);
  }

  toString(): string {
    return Token.asString(this);
  }
}
