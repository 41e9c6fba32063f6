import { randomUUID } from 'node:crypto';
import { computed, definitions, map, optional, providerDefinition, serve, string } from '../../../src/plugin';

const define = definitions<undefined>();

/** `null_resource`: nothing but an ID, replaced whenever its triggers change. Provisioners are Terraform's own. */
const resource = define.resource({
  name: 'resource',
  description: 'Does nothing.',
  attributes: {
    triggers: optional(map(string), { description: 'A change replaces the resource.', forceNew: true }),
    id: computed(string, { description: 'Random.' }),
  },
  create: ({ planned }) => ({ triggers: planned.triggers, id: randomUUID() }),
  read: ({ state }) => ({ triggers: state.triggers, id: state.id ?? '' }),
  delete: () => undefined,
});

// Stands in for hashicorp/null, which a machine without the internet cannot fetch. For tests only.
void serve(
  providerDefinition({
    name: 'null',
    version: '3.2.4',
    attributes: {},
    configure: () => undefined,
    resources: [resource],
  }),
);
