import type { Manifest, RegistryClient } from '../../dtr';
import { DctError } from '../../error';
import type { Gun } from '../../notary';
import type { Context } from '../../plugin';
import { LOOK } from './glance';

/** The images of the registry. What a digest stands for is asked once. */
export class Images {
  readonly #manifests = new Map<string, Manifest>();

  constructor(private readonly client: () => Promise<RegistryClient>) {}

  async manifest(gun: Gun, reference: string, signal: AbortSignal): Promise<Manifest> {
    const image = `${gun}@${reference}`;
    const known = this.#manifests.get(image);
    if (known !== undefined) return known;
    const client = await this.client();
    const found = await client.manifest(gun.slice(gun.indexOf('/') + 1), reference, signal);
    if (found.digest === reference) this.#manifests.set(image, found);
    return found;
  }

  /** A tag that points elsewhere in the registry than its signature: worth a warning, never a new signature or an error. */
  async warnIfMoved(gun: Gun, tag: string, digest: string, signal: AbortSignal, warn: Context['warn']): Promise<void> {
    const now = await this.manifest(gun, tag, signal).catch(() => undefined);
    if (now === undefined || now.digest === digest) return;
    const detail = `Signed is ${digest}; the registry now has ${now.digest}. Whoever pulls by signature gets what is signed; to sign the other one, set digest to it.`;
    warn(['digest'], `${gun}:${tag} points at another image than the one signed`, detail);
  }

  /**
   * At plan: an image that the registry says it has not. That is no error, since something else in the same apply may push it;
   * nor need the registry be there yet. Returns it where it has it.
   */
  async warnIfMissing(
    gun: Gun,
    digest: string,
    signal: AbortSignal,
    warn: Context['warn'],
  ): Promise<Manifest | undefined> {
    const soon = AbortSignal.any([signal, AbortSignal.timeout(LOOK)]);
    let problem: unknown;
    try {
      return await this.manifest(gun, digest, soon);
    } catch (error) {
      problem = error;
    }
    if (!(problem instanceof DctError) || problem.code !== 'image_not_found') return undefined;
    const detail = `${problem.message}\nThe apply looks again before it signs, and fails if the image is not there by then. Unless something in this apply pushes it, correct the digest: the data source dct_image finds it.`;
    warn(['digest'], `${gun}@${digest} is not in the registry`, detail);
    return undefined;
  }
}
