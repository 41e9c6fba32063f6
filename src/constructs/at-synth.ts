import type { IConstruct } from 'constructs';
import { Aspects } from './cdktf';

/**
 * Does `action` at synth, when everything that the app declares is known, and before anything is validated or written.
 * It may be called several times.
 */
export function atSynth(construct: IConstruct, action: () => void): void {
  Aspects.of(construct).add({
    visit: (node) => {
      if (node === construct) action();
    },
  });
}
