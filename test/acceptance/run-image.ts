import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import * as v from 'valibot';
import type { World } from './world';

/** Lets go of what is idle when its server closes. */
const agent = new Agent({ keepAlive: true });

/** Has the cluster’s own administrator run an image there. @returns what the cluster answers: null when it runs it */
export function runImage(world: World, cluster: string, image: string): Promise<string | null> {
  const { endpoint, caFile, clientBundle } = world.sandbox.clusters.find(({ name }) => name === cluster)!;
  const file = (name: string): Buffer => readFileSync(join(clientBundle, name));
  const tls = { ca: readFileSync(caFile), cert: file('cert.pem'), key: file('key.pem') };
  return new Promise((resolve, reject) => {
    request(`${endpoint}/v1.40/services/create`, { method: 'POST', agent, ...tls }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const reply: unknown = JSON.parse(Buffer.concat(chunks).toString());
        resolve(response.statusCode === 201 ? null : v.parse(v.object({ message: v.string() }), reply).message);
      });
    })
      .on('error', reject)
      .end(JSON.stringify({ TaskTemplate: { ContainerSpec: { Image: image } } }));
  });
}
