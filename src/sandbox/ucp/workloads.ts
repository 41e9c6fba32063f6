import { createHash, randomBytes, randomInt } from 'node:crypto';
import * as v from 'valibot';
import type { Clock } from '../clock';

/** What of a service's specification the sandbox reads; the rest passes through as it came. */
export const serviceSpecSchema = v.looseObject({
  Name: v.optional(v.string(), ''),
  Labels: v.optional(v.nullable(v.record(v.string(), v.string()))),
  TaskTemplate: v.looseObject({ ContainerSpec: v.looseObject({ Image: v.string() }) }),
  Mode: v.optional(v.looseObject({ Replicated: v.optional(v.looseObject({ Replicas: v.optional(v.number(), 1) })) })),
});

const serviceSchema = v.object({
  ID: v.string(),
  Version: v.object({ Index: v.number() }),
  CreatedAt: v.string(),
  UpdatedAt: v.string(),
  Spec: serviceSpecSchema,
});

const containerSchema = v.object({
  id: v.string(),
  name: v.string(),
  image: v.string(),
  command: v.string(),
  created: v.string(),
  running: v.boolean(),
});

const imageSchema = v.object({ reference: v.string(), digest: v.optional(v.string()), pulled: v.string() });

export const workloadsSchema = v.object({
  services: v.array(serviceSchema),
  containers: v.array(containerSchema),
  images: v.array(imageSchema),
});
export type WorkloadsState = v.InferOutput<typeof workloadsSchema>;
export type Service = v.InferOutput<typeof serviceSchema>;
export type ServiceSpec = v.InferOutput<typeof serviceSpecSchema>;
export type Container = v.InferOutput<typeof containerSchema>;

/** What a cluster claims to run. Nothing runs: a service is converged, and a container started, the moment it is made. */
export class Workloads {
  readonly state: WorkloadsState;
  private index: number;

  constructor(
    private readonly clock: Clock,
    state: WorkloadsState = { services: [], containers: [], images: [] },
  ) {
    this.state = state;
    this.index = Math.max(10, ...state.services.map(({ Version }) => Version.Index));
  }

  addService(spec: ServiceSpec): Service {
    const now = this.now();
    const name = spec.Name === '' ? madeUpName() : spec.Name;
    const service = {
      ID: newId(25),
      Version: { Index: ++this.index },
      CreatedAt: now,
      UpdatedAt: now,
      Spec: { ...spec, Name: name },
    };
    this.state.services.push(service);
    return service;
  }

  updateService(service: Service, spec: ServiceSpec): void {
    service.Spec = spec;
    service.Version.Index = ++this.index;
    service.UpdatedAt = this.now();
  }

  /** By ID, by name, or by the beginning of an ID. */
  service(nameOrId: string): Service | undefined {
    const { services } = this.state;
    return (
      services.find(({ ID, Spec }) => ID === nameOrId || Spec.Name === nameOrId) ??
      services.find(({ ID }) => nameOrId !== '' && ID.startsWith(nameOrId))
    );
  }

  removeService({ ID }: Service): void {
    this.state.services = this.state.services.filter((service) => service.ID !== ID);
  }

  addContainer(name: string, image: string, command: string): Container {
    const container = {
      id: randomBytes(32).toString('hex'),
      name: name === '' ? madeUpName() : name,
      image,
      command,
      created: this.now(),
      running: false,
    };
    this.state.containers.push(container);
    return container;
  }

  container(nameOrId: string): Container | undefined {
    const { containers } = this.state;
    return (
      containers.find(({ id, name }) => id === nameOrId || name === nameOrId) ??
      containers.find(({ id }) => nameOrId !== '' && id.startsWith(nameOrId))
    );
  }

  removeContainer({ id }: Container): void {
    this.state.containers = this.state.containers.filter((container) => container.id !== id);
  }

  addImage(reference: string, digest: string | undefined): void {
    this.state.images = this.state.images.filter((image) => image.reference !== reference);
    this.state.images.push({ reference, digest, pulled: this.now() });
  }

  private now(): string {
    return this.clock.now().toISOString();
  }
}

/** The task of one of a service's replicas. */
export function taskId(service: Service, slot: number): string {
  const hash = createHash('sha256')
    .update(`${service.ID} ${String(service.Version.Index)} ${String(slot)}`)
    .digest('hex');
  return BigInt(`0x${hash}`).toString(36).slice(0, 25);
}

export function replicasOf({ Spec }: Service): number {
  return Spec.Mode?.Replicated?.Replicas ?? 1;
}

function newId(length: number): string {
  return BigInt(`0x${randomBytes(20).toString('hex')}`)
    .toString(36)
    .padStart(length, '0')
    .slice(-length);
}

function madeUpName(): string {
  const adjectives = ['brave', 'calm', 'eager', 'gentle', 'keen', 'laughing', 'quiet', 'wise'];
  const people = ['curie', 'hopper', 'kepler', 'lamarr', 'lovelace', 'noether', 'turing', 'wiles'];
  return `${pick(adjectives)}_${pick(people)}${String(randomInt(100))}`;
}

function pick(words: readonly string[]): string {
  return words[randomInt(words.length)] ?? '';
}
