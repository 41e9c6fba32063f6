import { DctError } from '../error';
import { basicString, insertBlock, insertLines, removeBlock, removeLines, replaceSpan } from './text-edit';
import { type Span, type TableLayout, layout } from './toml-layout';

/** One `[[registries]]` entry: its header's table first, then tables under it. */
type Entry = readonly [TableLayout, ...TableLayout[]];

/** Adds an entry behind the last one, or at the end of the document. */
export function addRegistry(
  text: string,
  { hostAddress, caBundle }: { hostAddress: string; caBundle: string },
): string {
  let edited = text;
  const empty = emptyList(text);
  if (empty) edited = removeLines(text, empty);
  const last = entriesOf(edited).at(-1)?.at(-1);
  return insertBlock(edited, last ? linesOf(last).end : edited.length, [
    '[[registries]]',
    `  host_address = ${basicString(hostAddress)}`,
    '  service_id = ""',
    `  ca_bundle = ${basicString(caBundle)}`,
  ]);
}

/** Replaces the CA of the chosen entries (by their place in the document). */
export function setRegistryCa(text: string, chosen: (index: number) => boolean, caBundle: string): string {
  return editEntries(text, chosen, (before, [table]) => {
    const known = table.values.find(({ path }) => path.length === 1 && path[0] === 'ca_bundle');
    if (known) return replaceSpan(before, known.value, basicString(caBundle));
    return insertLines(before, linesOf(table).end, [`  ca_bundle = ${basicString(caBundle)}`]);
  });
}

/** Takes the chosen entries out, with the tables under them. */
export function removeRegistries(text: string, chosen: (index: number) => boolean): string {
  return editEntries(text, chosen, (before, entry) =>
    // From the last one up, so that the places of the others stay right.
    entry.reduceRight((left, table) => removeBlock(left, linesOf(table)), before),
  );
}

function editEntries(
  text: string,
  chosen: (index: number) => boolean,
  edit: (text: string, entry: Entry) => string,
): string {
  const entries = entriesOf(text);
  return entries.reduceRight((edited, entry, index) => (chosen(index) ? edit(edited, entry) : edited), text);
}

function entriesOf(text: string): Entry[] {
  const tables = layout(text);
  const entries: [TableLayout, ...TableLayout[]][] = [];
  for (const table of tables) {
    if (table.values.some(({ path }) => table.header === 'root' && path[0] === 'registries')) throw inlineForm();
    if (table.path[0] !== 'registries') continue;
    if (table.header === 'array-table' && table.path.length === 1) entries.push([table]);
    else entries.at(-1)?.push(table);
  }
  return entries;
}

/** The lines of a `registries = []`, which stands for no entry and would be in the way of one. */
function emptyList(text: string): Span | undefined {
  const root = layout(text)[0];
  const line = root?.values.find(({ path }) => path.length === 1 && path[0] === 'registries');
  return line && /^\[\s*\]$/.test(text.slice(line.value.start, line.value.end)) ? line.lines : undefined;
}

/** From the header to the last value: what follows (empty lines, comments) belongs to the next table. */
function linesOf(table: TableLayout): Span {
  return { start: table.lines.start, end: table.values.at(-1)?.lines.end ?? table.lines.end };
}

function inlineForm(): DctError {
  return new DctError(
    'ucp_config_not_editable',
    'the UCP configuration was not changed: its registries are written as one inline list (registries = [ … ]), not as [[registries]] tables.',
    { cure: 'Write them as [[registries]] tables, or make this change in the UCP web interface.' },
  );
}
