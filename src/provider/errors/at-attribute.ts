import { type AttributePath, DctError } from '../../error';

/** The same error at the attribute that it comes from, where it names none. `cure`: where it has none of its own. */
export function atAttribute(error: unknown, attribute: AttributePath, cure?: string): unknown {
  if (!(error instanceof DctError) || error.attribute !== undefined) return error;
  const words = error.cure ?? cure;
  return new DctError(error.code, error.message, {
    cause: error,
    attribute,
    ...(words !== undefined && { cure: words }),
  });
}

/** The same for a file that a setting of the provider names: resources fail over it, so the text has to say where it stands. */
export async function fileOf<T>(attribute: AttributePath, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof DctError)) throw error;
    const cure = `${error.cure ?? 'correct the path.'} The path is that of ${attribute.join('.')}.`;
    throw new DctError(error.code, error.message, { cause: error, attribute, cure });
  }
}
