// The one place that names the CDK. Its community continuation, cdktn, exports the same: a build for it changes this import only.
import { join } from 'node:path';
import type { IConstruct } from 'constructs';
import { TerraformStack, type ISynthesisSession } from 'cdktf';

export { NullProvider } from '@cdktf/provider-null/lib/provider';
export { Resource as NullResource } from '@cdktf/provider-null/lib/resource';
export {
  Annotations,
  App,
  Aspects,
  call,
  dependable,
  Fn,
  Lazy,
  Manifest,
  TerraformProvider,
  TerraformResource,
  TerraformStack,
  Token,
  Tokenization,
  type IResolvable,
  type IResolveContext,
} from 'cdktf';

// `addCustomSynthesis` does the same but is not exported by the package.
const CUSTOM_SYNTHESIS = Symbol.for('cdktf/customSynthesis');

/** Calls `write` with the stack's folder while the stack is synthesized, before its annotations are collected. */
export function onSynthesis(construct: IConstruct, write: (stackFolder: string) => void): void {
  const onSynthesize = ({ outdir, manifest }: ISynthesisSession) =>
    write(join(outdir, manifest.forStack(TerraformStack.of(construct)).workingDirectory));
  Object.defineProperty(construct, CUSTOM_SYNTHESIS, { value: { onSynthesize } });
}
