import { definitions } from '../plugin';
import type { Connection } from './connection';

/** Declares resources, data sources and functions whose handlers are given a {@link Connection}. */
export const define = definitions<Connection>();
