export { Dtr, type DtrOptions } from './dtr';
export type { Right, User } from './users';
