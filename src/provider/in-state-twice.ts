import { DctError } from '../error';
import { type ObjectValue, type Resource, UNKNOWN } from '../plugin';
import { importBlock } from './attributes/import-id';

type Fate = 'stays' | 'goes';

/**
 * One object that is in the state twice, of which a plan deletes one, would be lost to the other as well: Terraform deletes
 * what a replacement with `create_before_destroy` has left over when it failed half-way, although that may be the very object
 * that stays, and what goes from the configuration although another resource has it, too. Neither call says so, and a deletion
 * comes alone at apply, so that it is an error of the plan: `in_state_twice`.
 */
export function refuseToDeleteWhatStays<C extends object>(resource: Resource<C>): Resource<C> {
  const fates = new WeakMap<C, Map<unknown, Fate>>();
  const note = (provider: C, id: unknown, fate: Fate): void => {
    const known = fates.get(provider) ?? new Map<unknown, Fate>();
    fates.set(provider, known);
    const other = known.get(id) ?? fate;
    if (other !== fate) throw inStateTwice(`dct_${resource.name}`, String(id));
    known.set(id, fate);
  };
  const noteEnd = (provider: C, prior: ObjectValue): void => {
    if (prior['on_destroy'] !== 'keep') note(provider, prior['id'], 'goes');
  };
  return {
    ...resource,
    async plan(args) {
      const planned = (await resource.plan?.(args)) ?? args.planned;
      const { prior, provider } = args;
      if (prior !== undefined && prior['id'] === planned['id']) note(provider, prior['id'], 'stays');
      // replaced: the old one goes
      else if (prior !== undefined && planned['id'] !== UNKNOWN) noteEnd(provider, prior);
      return planned;
    },
    planDestroy(args) {
      noteEnd(args.provider, args.prior);
      return resource.planDestroy?.(args);
    },
  };
}

function inStateTwice(resource: string, id: string): DctError {
  const cure = [
    'let the state forget the one that goes, by the address that Terraform shows for it',
    'terraform state rm ADDRESS',
    'A deposed object is what a replacement (create_before_destroy) left over when it failed half-way. It has the address of the ' +
      'one that stays: bring that in again with',
    importBlock(resource, id),
    'To destroy both, use -refresh=false',
  ];
  return new DctError(
    'in_state_twice',
    `${id} stands in the state twice, and only one of the two would go: deleting it takes it away from the other, too`,
    { cure: cure.join('\n\n') },
  );
}
