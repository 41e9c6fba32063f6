import { book, Stage } from './library-stage';

let stage: Stage;
beforeEach(async () => {
  stage = await Stage.open();
});
afterEach(() => stage.close());

describe('when the user interrupts an apply', () => {
  it('tells the running handler, waits for it and saves what it returns', async () => {
    let interrupt = (): unknown => undefined;
    stage.library.before = async (handler, { signal }) => {
      if (handler !== 'create') return;
      interrupt();
      await new Promise((resolve) => {
        signal.addEventListener('abort', resolve);
      });
    };
    await stage.terraform.configure(book('title = "A"'));
    const apply = stage.terraform.start('apply', '-auto-approve', '-no-color');
    interrupt = apply.interrupt;
    const { stdout } = await apply.finished;
    expect(stdout).toContain('Interrupt received');
    expect((await stage.terraform.state()).get('library_book.a')?.values).toMatchObject({ title: 'A', revision: 1 });
    stage.library.before = () => undefined;
    await stage.terraform.expectNoChanges();
  });

  it('does not touch another command that runs at the same time', async () => {
    const other = await Stage.open();
    const signals: AbortSignal[] = [];
    stage.library.before = (_, { signal }) => {
      signals.push(signal);
    };
    await stage.applied(book('title = "A"'));
    await stage.terraform.plan();
    expect(new Set(signals).size).toBeGreaterThan(1);
    expect(signals.some(({ aborted }) => aborted)).toBe(false);
    await other.close();
  });
});
