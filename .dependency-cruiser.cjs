/**
 * The arrows of the house: what people compose -> what Terraform runs -> what talks to servers -> what knows the formats.
 * @type {import('dependency-cruiser').IConfiguration}
 */
const only = (folder, allowed, comment) => ({
  name: `${folder}-imports`,
  comment,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { path: '^src/', pathNot: [`^src/${folder}/`, ...allowed.map((path) => `^src/${path}`)] },
});

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    only('plugin', [], 'The protocol knows nothing of trust.'),
    only('http', [], 'HTTP knows nothing of trust.'),
    only('ucp', ['http/', 'error.ts'], 'An API client.'),
    only('dtr', ['http/', 'error.ts'], 'An API client.'),
    only('notary', ['http/', 'error.ts'], 'A library inside the product.'),
    only('admission', ['error.ts'], 'Pure rules.'),
    only('sandbox', ['error.ts'], 'Stands in for servers: what it shares with us could be wrong in both.'),
    only('distribution', ['error.ts'], 'Where Terraform looks for the provider.'),
    only('bindings', [], 'Generated.'),
    only('constructs', ['bindings/', 'distribution/', 'error.ts'], 'Constructs never import provider code.'),
    only('provider', ['plugin/', 'notary/', 'ucp/', 'dtr/', 'http/', 'admission/', 'error.ts'], 'What Terraform runs.'),
    only(
      'cli',
      [
        'provider/',
        'notary/',
        'ucp/',
        'dtr/',
        'http/',
        'admission/',
        'sandbox/',
        'distribution/',
        'error.ts',
        // What a topology file says, not what is composed from it.
        'constructs/(load-)?topology.ts',
      ],
      'The command.',
    ),
    {
      name: 'notary-documents-are-pure',
      severity: 'error',
      from: { path: '^src/notary/(documents|keys|verification|draft)' },
      to: { path: '^(src/http|(node:)?(fs|net|http|https|tls)(/|$))' },
    },
    { name: 'no-tests-in-the-product', severity: 'error', from: { path: '^(src|stacks)/' }, to: { path: '^test/' } },
    { name: 'resolvable', severity: 'error', from: { path: '^(src|stacks)/' }, to: { couldNotResolve: true } },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['node', 'require', 'default'] },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|node_modules)/' },
  },
};
