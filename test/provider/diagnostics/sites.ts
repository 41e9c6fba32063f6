import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';

/** A place in the source where a diagnostic is made. */
export interface Site {
  /** `src/ucp/refusal.ts` */
  readonly file: string;
  readonly kind: 'error' | 'report';
  /** Of an error; none where the source passes on the code of another error. */
  readonly codes: readonly string[];
  /** What its text looks like; undefined where the source computes all of it. */
  readonly text: RegExp | undefined;
  readonly source: string;
}

export const ROOT = join(__dirname, '../../..');
/** Whose errors and warnings a user of the provider can see. */
const FOLDERS = ['provider', 'notary', 'ucp', 'dtr', 'http', 'admission', 'plugin'];

/** Every `new DctError(…)`, `new HttpError(…)`, verification `failure(…)`, and `warn(…)` or `error(…)` of handlers. */
export function sites(): Site[] {
  return sourcePaths().flatMap((path) => {
    const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
    const found: Site[] = [];
    const visit = (node: ts.Node): void => {
      const site = siteOf(node, relative(ROOT, path));
      if (site !== undefined) found.push(site);
      ts.forEachChild(node, visit);
    };
    visit(source);
    return found;
  });
}

export function sourcePaths(): string[] {
  return FOLDERS.flatMap((folder) => sourcesIn(join(ROOT, 'src', folder)));
}

function sourcesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.includes('generated'))
    .map((name) => join(folder, name));
}

function siteOf(node: ts.Node, file: string): Site | undefined {
  if (!ts.isNewExpression(node) && !ts.isCallExpression(node)) return undefined;
  const called = node.expression.getText();
  const text = Object.entries(TEXT_ARGUMENT).find(([name]) => name === called)?.[1];
  const { arguments: given = [] } = node;
  const source = `${file}: ${node.getText().replace(/\s+/g, ' ').slice(0, 140)}`;
  if (text !== undefined) {
    return { file, kind: 'error', codes: codesIn(given[0]), text: pattern(given[text]), source };
  }
  const reports = /(?:^|\.)(?:warn|error)$/.test(called) && !/(?:^|\.)log\./.test(called);
  if (!reports || given.some((argument) => ts.isSpreadElement(argument))) return undefined;
  return { file, kind: 'report', codes: [], text: pattern(given[1]), source };
}

/** Which argument holds the text. */
const TEXT_ARGUMENT = { DctError: 1, HttpError: 2, failure: 3 };

/** Every code that an expression may come to: one of two, a constant, or one item of what a function of the file returns. */
function codesIn(node: ts.Expression | undefined): string[] {
  if (node === undefined) return [];
  if (ts.isStringLiteral(node)) return [node.text];
  if (ts.isConditionalExpression(node)) return [...codesIn(node.whenTrue), ...codesIn(node.whenFalse)];
  if (!ts.isIdentifier(node)) return [];
  const declared = declarationBefore(node);
  if (declared !== undefined) return codesIn(declared);
  return itemsReturned(node).flatMap(codesIn);
}

/** `const [code] = reasonFor(…)`: what stands there in each `return` of that function. */
function itemsReturned(node: ts.Identifier): ts.Expression[] {
  const source = node.getSourceFile();
  const bound = nodesIn(source).find(
    (each): each is ts.BindingElement =>
      ts.isBindingElement(each) && each.name.getText() === node.text && ts.isArrayBindingPattern(each.parent),
  );
  const index = bound === undefined ? -1 : bound.parent.elements.findIndex((each) => each === bound);
  const from = bound?.parent.parent;
  const call = from !== undefined && ts.isVariableDeclaration(from) ? from.initializer : undefined;
  if (call === undefined || !ts.isCallExpression(call)) return [];
  const called = nodesIn(source).find(
    (each) => ts.isFunctionDeclaration(each) && each.name?.text === call.expression.getText(),
  );
  return (called === undefined ? [] : nodesIn(called)).flatMap((each) => {
    const array = ts.isReturnStatement(each) ? each.expression : undefined;
    const item = array !== undefined && ts.isArrayLiteralExpression(array) ? array.elements[index] : undefined;
    return item === undefined ? [] : [item];
  });
}

function nodesIn(node: ts.Node): ts.Node[] {
  return [node, ...node.getChildren().flatMap(nodesIn)];
}

/** A pattern for what a string, a template or a variable of one comes to. */
function pattern(node: ts.Expression | undefined): RegExp | undefined {
  const text = node && wildcards(node);
  return text === undefined || text === ANY ? undefined : new RegExp(text, 'i');
}

const ANY = '[^]*';

function wildcards(node: ts.Expression): string {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return literal(node.text);
  if (ts.isTemplateExpression(node)) {
    return node.templateSpans.reduce((all, span) => all + ANY + literal(span.literal.text), literal(node.head.text));
  }
  if (ts.isBinaryExpression(node)) return wildcards(node.left) + wildcards(node.right);
  if (!ts.isIdentifier(node)) return ANY;
  const declared = declarationBefore(node);
  return declared === undefined ? ANY : wildcards(declared);
}

/** The final full stop of a summary is taken off by `explain`. */
function literal(text: string): string {
  return text
    .replace(/\.$/, '')
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('\\.\n', '\\.?\n');
}

/** What the nearest `const` of that name before it holds. */
function declarationBefore(node: ts.Identifier): ts.Expression | undefined {
  let found: ts.Expression | undefined;
  const visit = (child: ts.Node): void => {
    const declares = ts.isVariableDeclaration(child) || ts.isBindingElement(child);
    if (declares && child.name.getText() === node.text && child.pos < node.pos) {
      found = ts.isBindingElement(child) ? undefined : child.initializer;
    }
    ts.forEachChild(child, visit);
  };
  visit(node.getSourceFile());
  return found;
}
