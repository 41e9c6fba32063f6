import { DctError } from '../error';
import { basicString, insertBlock, insertLines, removeLines, replaceSpan } from './text-edit';
import { type KeyValue, type TableLayout, type ValueLine, layout } from './toml-layout';

const tableName = 'trust_configuration';

/** Sets one key of `[trust_configuration]`, wherever and however that table is written; null takes the key away. */
export function setPolicyKey(text: string, key: string, value: boolean | readonly string[] | null): string {
  const found = find(layout(text), key);
  if (value === null) return removeKey(text, found);
  const written = typeof value === 'boolean' ? String(value) : `[${value.map(basicString).join(', ')}]`;
  if (found.pair) return replaceSpan(text, found.pair.value, written);
  if (found.inline) return insertInline(text, found.inline, `${key} = ${written}`);
  if (found.table) {
    const last = found.table.values.at(-1);
    const line = `${last ? indentOf(text, last) : '  '}${key} = ${written}`;
    return insertLines(text, (last ?? found.table).lines.end, [line]);
  }
  if (found.dotted) return insertLines(text, found.dotted.lines.end, [`${tableName}.${key} = ${written}`]);
  return insertBlock(text, text.length, [`[${tableName}]`, `  ${key} = ${written}`]);
}

/** Where the table or the key is: under a header, in `trust_configuration = {…}`, or as `trust_configuration.key = …`. */
interface Found {
  readonly table: TableLayout | undefined;
  readonly inline: ValueLine | undefined;
  readonly dotted: ValueLine | undefined;
  readonly line: ValueLine | undefined;
  readonly pair: KeyValue | undefined;
}

function find(tables: readonly TableLayout[], key: string): Found {
  const root = tables[0]?.values ?? [];
  const table = tables.find(({ header, path }) => header === 'table' && isName(path));
  const inline = root.find(({ path, entries }) => isName(path) && entries !== undefined);
  const dotted = root.filter(({ path }) => path.length > 1 && path[0] === tableName).at(-1);
  const line =
    table?.values.find(({ path }) => path.length === 1 && path[0] === key) ??
    root.find(({ path }) => path.length === 2 && path[0] === tableName && path[1] === key);
  const pair = line ?? inline?.entries?.find(({ path }) => path.length === 1 && path[0] === key);
  return { table, inline, dotted, line, pair };
}

function isName(path: readonly string[]): boolean {
  return path.length === 1 && path[0] === tableName;
}

function removeKey(text: string, { line, pair }: Found): string {
  if (line) return removeLines(text, line.lines);
  if (!pair) return text;
  throw new DctError(
    'ucp_config_not_editable',
    `the UCP configuration was not changed: a setting cannot be taken out of an inline ${tableName} = { … }.`,
    { cure: `Write it as a [${tableName}] table, or make this change in the UCP web interface.` },
  );
}

function insertInline(text: string, { value, entries }: ValueLine, pair: string): string {
  const last = entries?.at(-1);
  if (last) return replaceSpan(text, { start: last.value.end, end: last.value.end }, `, ${pair}`);
  return replaceSpan(text, value, `{ ${pair} }`);
}

function indentOf(text: string, { lines }: ValueLine): string {
  return /^[ \t]*/.exec(text.slice(lines.start, lines.end))?.[0] ?? '';
}
