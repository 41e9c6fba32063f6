import { providerSchemaJson, serveForTests } from '../../src/plugin';
import { Terraform } from '../acceptance/terraform';
import { Library, libraryProvider } from './library';

const ADDRESS = 'terraform.local/test/library';

describe('when the schema is asked for as JSON', () => {
  it('is what `terraform providers schema -json` prints', async () => {
    const definition = libraryProvider(new Library());
    const server = await serveForTests(definition, ADDRESS);
    const terraform = await Terraform.start({ TF_REATTACH_PROVIDERS: server.reattach });
    try {
      await terraform.configure({ terraform: { required_providers: { library: { source: ADDRESS } } } });
      const { stdout } = await terraform.run('providers', 'schema', '-json');
      expect(providerSchemaJson(definition, ADDRESS)).toEqual(JSON.parse(stdout));
    } finally {
      await terraform.close();
      await server.close();
    }
  });
});
