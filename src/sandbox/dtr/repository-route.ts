import type { Reply, Route, SandboxRequest } from '../route';
import type { ImageStore } from './image-store';

export interface RegistryOptions {
  readonly images: ImageStore;
  /** Undefined lets the request through. */
  readonly authorize: (request: SandboxRequest, scope?: string) => Promise<Reply | undefined>;
  /** Whether a tag has trust data: it is not deleted then. */
  readonly isSigned: (repository: string, tag: string) => Promise<boolean>;
}

/** A route below `/v2/<name>/` for somebody with these actions. */
export type RepositoryRoute = (
  methods: string,
  rest: string,
  actions: string,
  handle: (request: SandboxRequest, name: string) => Promise<Reply>,
) => Route;
