import { HandlerFault } from './conformity';
import type { Explanation } from './definition';
import {
  type AttributePath,
  type AttributePath_Step,
  type Diagnostic,
  Diagnostic_Severity,
} from './generated/tfplugin6';
import { PartialState } from './partial-state';
import type { Attributes, Type } from './schema';
import type { Path } from './value';

/** What one call has to tell the user. */
export class Diagnostics {
  readonly messages: Diagnostic[] = [];

  /** `attributes`: what paths refer to. */
  constructor(private readonly attributes: Attributes) {}

  get failed(): boolean {
    return this.messages.some(({ severity }) => severity === Diagnostic_Severity.ERROR);
  }

  readonly error = (path: Path | undefined, summary: string, detail = ''): void => {
    this.messages.push(this.message(Diagnostic_Severity.ERROR, path, summary, detail));
  };

  readonly warn = (path: Path | undefined, summary: string, detail = ''): void => {
    this.messages.push(this.message(Diagnostic_Severity.WARNING, path, summary, detail));
  };

  private message(severity: Diagnostic_Severity, path: Path | undefined, summary: string, detail: string): Diagnostic {
    // Terraform finds the line of an attribute, but nothing inside one: with more steps it would point to the block.
    const attribute =
      path === undefined || path.length === 0 ? undefined : attributePath(this.attributes, path.slice(0, 1));
    return { severity, summary, detail, attribute };
  }
}

/** How an error thrown by `handler` ("read of dct_x") reads, unless the provider's own `explain` says. */
export function explainError(
  thrown: unknown,
  handler: string,
  explain: ((error: unknown) => Explanation | undefined) | undefined,
): Explanation {
  const error = thrown instanceof PartialState ? thrown.cause : thrown;
  if (error instanceof HandlerFault) return { summary: faultSummary(handler), detail: faultDetail(error) };
  const explained = explain?.(error);
  if (explained !== undefined) return explained;
  if (!(error instanceof Error)) return { summary: `The ${handler} failed`, detail: String(error) };
  if (isMistake(error))
    return {
      summary: faultSummary(handler),
      detail: `${error.name}: ${error.message}\nThis is a mistake in the provider. With TF_LOG=ERROR its place is in the log.`,
    };
  const [summary = '', ...rest] = error.message.split('\n');
  const cure = 'cure' in error && typeof error.cure === 'string' ? `What to do: ${error.cure}` : '';
  const path = 'attribute' in error && isPath(error.attribute) ? error.attribute : undefined;
  return { summary, detail: [rest.join('\n'), cure].filter((part) => part !== '').join('\n\n'), path };
}

function faultSummary(handler: string): string {
  return `The provider made a mistake in the ${handler}`;
}

function faultDetail({ path, message }: HandlerFault): string {
  return `${path.length > 0 ? `At ${path.join('.')}: ` : ''}${message}. This is a mistake in the provider, not in the configuration.`;
}

/** Errors that only code makes; what servers, files and users do wrong comes as other classes or with a code. */
function isMistake(error: Error): boolean {
  return ['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError'].includes(error.name) && !('code' in error);
}

function isPath(value: unknown): value is Path {
  return Array.isArray(value) && value.every((step) => typeof step === 'string' || typeof step === 'number');
}

/** The path as the protocol has it. It ends before an element of a set, which has no key. */
export function attributePath(attributes: Attributes, path: Path): AttributePath {
  const steps: AttributePath_Step[] = [];
  let at: Type | undefined = { kind: 'object', attributes };
  for (const step of path) {
    if (at === undefined || at.kind === 'set') break;
    if (typeof step === 'number') {
      steps.push({ elementKeyInt: step });
      at = 'element' in at ? at.element : undefined;
    } else if (at.kind === 'object') {
      const attribute = Object.hasOwn(at.attributes, step) ? at.attributes[step] : undefined;
      // A path that leads nowhere would make Terraform drop the whole path.
      if (attribute === undefined) break;
      steps.push({ attributeName: step });
      at = attribute.type;
    } else {
      steps.push({ elementKeyString: step });
      at = 'element' in at ? at.element : undefined;
    }
  }
  return { steps };
}
