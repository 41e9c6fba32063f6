import type { Open } from './open-questions';
import type { Answer, Assumptions } from './verdict';

export type Question = keyof Assumptions;

/** The answer of one reading, which settles every question. */
export interface Settled {
  readonly assumes: Assumptions;
  readonly answer: Answer;
}

// In the order in which a reading is told.
const QUESTIONS: readonly Question[] = [
  'noTeam',
  'teamFormat',
  'teamsOf',
  'userNames',
  'unreleased',
  'digestAlone',
  'allowRepositories',
  'trustData',
];

const BASE: Assumptions = {
  noTeam: 'any-signature',
  teamFormat: 'any',
  teamsOf: 'any-organisation',
  userNames: false,
  unreleased: 'each-digest',
  digestAlone: 'any-tag',
  allowRepositories: 'heeded',
  trustData: 'as-required',
};

/** Every way to settle the questions. */
export function combinations(open: Open): Assumptions[] {
  const settle = (all: Assumptions[], question: Question): Assumptions[] =>
    all.flatMap((assumes) => open[question].map((value) => ({ ...assumes, [question]: value })));
  return QUESTIONS.reduce(settle, [BASE]);
}

/** The questions that make a difference to what is looked at of an answer. */
export function relevantQuestions(all: readonly Settled[], look: (answer: Answer) => unknown): Question[] {
  return QUESTIONS.filter((question) => {
    const answers = new Map<string, string>();
    return all.some(({ assumes, answer }) => {
      const others = textOf(assumes, (each) => each !== question);
      const said = JSON.stringify(look(answer));
      const before = answers.get(others) ?? said;
      answers.set(others, said);
      return before !== said;
    });
  });
}

/** One of each that differs in these questions, with these questions only. */
export function distinct(
  all: readonly Settled[],
  questions: readonly Question[],
): { readonly assumes: Partial<Assumptions>; readonly answer: Answer }[] {
  const found = new Map<string, { assumes: Partial<Assumptions>; answer: Answer }>();
  for (const { assumes, answer } of all) {
    const told = Object.fromEntries(
      Object.entries(assumes).filter(([name]) => questions.some((each) => each === name)),
    );
    const key = textOf(assumes, (each) => questions.includes(each));
    if (!found.has(key)) found.set(key, { assumes: told, answer });
  }
  return [...found.values()];
}

function textOf(assumes: Assumptions, wanted: (question: Question) => boolean): string {
  return JSON.stringify(QUESTIONS.filter(wanted).map((question) => assumes[question]));
}
