import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import ts from 'typescript';
import { ROOT, sourcePaths } from './sites';

/** A piece of text that stands in the source. */
export interface Literal {
  /** `src/ucp/refusal.ts:12` */
  readonly at: string;
  readonly text: string;
}

/** Every text of at least three words that may become part of a diagnostic: of messages, cures, details and reasons. */
export function literals(): Literal[] {
  return sourcePaths().flatMap((path) => {
    const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
    const found: Literal[] = [];
    const visit = (node: ts.Node): void => {
      if (isElse(node)) return;
      if (isText(node)) {
        const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
        found.push(...pieces(node.text).map((text) => ({ at: `${relative(ROOT, path)}:${line}`, text })));
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
    return found;
  });
}

type Text = ts.StringLiteral | ts.NoSubstitutionTemplateLiteral | ts.TemplateHead | ts.TemplateMiddle | ts.TemplateTail;

function isText(node: ts.Node): node is Text {
  return (
    ts.isStringLiteral(node) ||
    ts.isNoSubstitutionTemplateLiteral(node) ||
    ts.isTemplateHead(node) ||
    ts.isTemplateMiddleOrTemplateTail(node)
  );
}

/** What is replaced before it is shown (`<gun>`) is none of it. */
function pieces(text: string): string[] {
  return text
    .split('<gun>')
    .map((piece) => piece.trim().replace(/[.:]$/, ''))
    .filter((piece) => /[a-z]+ [a-z]+ [a-z]+/i.test(piece) && !/^[A-Z ]+$/.test(piece));
}

/** Texts for the documentation, for the log, and for whoever writes the provider. */
function isElse(node: ts.Node): boolean {
  if (ts.isImportDeclaration(node) || ts.isTypeNode(node)) return true;
  if (ts.isPropertyAssignment(node)) return node.name.getText() === 'description';
  if (ts.isCallExpression(node)) return /(?:^|\.)log(?:\.|$)|^counter$/.test(node.expression.getText());
  return ts.isNewExpression(node) && ['Error', 'TypeError', 'HandlerFault'].includes(node.expression.getText());
}
