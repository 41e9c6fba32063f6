import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeLockEntries } from '../../src/distribution';

const ours = { source: 'terraform.local/cdktf-dct/dct', version: '0.1.0-abc', h1: 'h1:AAAA=' };

describe('when the lock file of a stack is written', () => {
  let directory: string;
  const read = () => readFileSync(join(directory, '.terraform.lock.hcl'), 'utf8');
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'dct-lock-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  it('holds our version, constraint and hash', () => {
    writeLockEntries(directory, [ours]);
    expect(read()).toContain(
      'provider "terraform.local/cdktf-dct/dct" {\n  version     = "0.1.0-abc"\n  constraints = "0.1.0-abc"\n' +
        '  hashes = [\n    "h1:AAAA=",\n  ]\n}\n',
    );
  });

  it('keeps what Terraform wrote for others, and replaces another version of ours', () => {
    const other =
      'provider "registry.terraform.io/hashicorp/null" {\n  version     = "3.2.4"\n  constraints = "3.2.4"\n' +
      '  hashes = [\n    "h1:BBBB=",\n    "zh:CCCC",\n  ]\n}\n';
    writeFileSync(join(directory, '.terraform.lock.hcl'), `# header\n\n${other}`);
    writeLockEntries(directory, [{ ...ours, version: '0.0.9' }]);
    writeLockEntries(directory, [ours, { source: 'registry.terraform.io/hashicorp/null', version: '3.2.4' }]);
    expect(read()).toContain(other);
    expect(read()).not.toContain('0.0.9');
    expect(read().match(/^provider /gm)).toHaveLength(2);
  });

  it('gives a provider of another exact version an entry without hashes', () => {
    writeLockEntries(directory, [ours, { source: 'registry.terraform.io/hashicorp/null', version: '3.2.4' }]);
    expect(read()).toContain('  version     = "3.2.4"\n  constraints = "3.2.4"\n}\n');
  });
});
