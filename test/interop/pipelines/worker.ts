import * as v from 'valibot';
import { dctProviderWith } from '../../../src/provider/provider';
import { StandInCore } from '../../acceptance/random/stand-in-core';
import type { Block } from '../../acceptance/core/expressions';

// One pipeline in a process of its own: the provider, and a stand-in for Terraform's core with a state of its own. It is told
// what to do over Node's channel to its parent, and answers everything it is told.

const orders = v.variant('do', [
  v.object({ do: v.literal('begin'), provider: v.unknown() }),
  v.object({ do: v.literal('configure'), blocks: v.array(v.custom<Block>((block) => typeof block === 'object')) }),
  v.object({ do: v.literal('plan') }),
  v.object({ do: v.literal('apply') }),
]);

let core: StandInCore | undefined;

async function answer(message: unknown): Promise<unknown> {
  const order = v.parse(orders, message);
  if (order.do === 'begin') {
    const { provider } = order;
    core = (await StandInCore.maker(dctProviderWith({}), () => provider))();
    return {};
  }
  if (core === undefined) throw new Error('nothing has begun');
  if (order.do === 'configure') return core.configure(order.blocks);
  return order.do === 'plan' ? core.plan() : core.apply();
}

process.on('message', (message) => {
  answer(message).then(
    (done) => process.send?.({ done: done ?? null }),
    (error: unknown) => process.send?.({ failed: error instanceof Error ? (error.stack ?? error.message) : error }),
  );
});
process.on('disconnect', () => process.exit());
