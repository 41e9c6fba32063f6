import { createHash } from 'node:crypto';
import type { Controller } from './controller';

/** The ID of the one node a cluster of the sandbox has. */
export function nodeId(controller: Controller): string {
  const hash = createHash('sha256').update(`node ${controller.identity.instanceId}`).digest('hex');
  return BigInt(`0x${hash}`).toString(36).slice(0, 25);
}

/** The node as `GET /nodes` has it. */
export function nodeReply(controller: Controller): Record<string, unknown> {
  const since = '2019-04-18T09:00:00.000000000Z';
  return {
    ID: nodeId(controller),
    Version: { Index: 9 },
    CreatedAt: since,
    UpdatedAt: since,
    Spec: { Role: 'manager', Availability: 'active', Labels: {} },
    Description: {
      Hostname: nodeName(controller),
      Platform: { Architecture: 'x86_64', OS: 'linux' },
      Resources: { NanoCPUs: 4_000_000_000, MemoryBytes: 16_000_000_000 },
      Engine: { EngineVersion: '19.03.5' },
    },
    Status: { State: 'ready', Addr: '127.0.0.1' },
    ManagerStatus: { Leader: true, Reachability: 'reachable', Addr: '127.0.0.1:2377' },
  };
}

export function nodeName(controller: Controller): string {
  return `${controller.options.name}-manager-1`;
}
