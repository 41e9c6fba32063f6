/** Where a bench says what it has found: Markdown, line by line. */
export type Print = (line: string) => void;
