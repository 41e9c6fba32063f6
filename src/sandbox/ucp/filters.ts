import * as v from 'valibot';
import type { SandboxRequest } from '../route';

const values = v.union([v.record(v.string(), v.boolean()), v.array(v.string())]);
const filtersSchema = v.record(v.string(), values);

/** What an object offers to a filter: one value, several, or labels. */
export type Filterable = Readonly<Record<string, string | readonly string[] | Readonly<Record<string, string>>>>;

/**
 * Whether the engine API's `filters` parameter (`{"name":{"web":true}}`, or the older form with lists) selects an object.
 * Values match from their beginning, as the engine has it; a filter the sandbox does not know selects everything.
 */
export function isSelected(request: SandboxRequest, object: Filterable): boolean {
  const parsed = v.safeParse(filtersSchema, parse(request.query.get('filters')));
  if (!parsed.success) return true;
  return Object.entries(parsed.output).every(([name, wanted]) => {
    const offered = object[name];
    const choices = Array.isArray(wanted) ? wanted : Object.keys(wanted);
    if (offered === undefined || choices.length === 0) return true;
    if (typeof offered === 'string') return choices.some((choice) => offered.startsWith(choice));
    if (isList(offered)) return choices.some((choice) => offered.some((value) => value.startsWith(choice)));
    return choices.every((choice) => {
      const [label = '', value] = choice.split(/=(.*)/s);
      return label in offered && (value === undefined || offered[label] === value);
    });
  });
}

function isList(offered: Filterable[string]): offered is readonly string[] {
  return Array.isArray(offered);
}

function parse(text: string | null): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
