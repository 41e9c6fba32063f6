import * as v from 'valibot';
import { empty, json, type Route, type SandboxRequest } from '../route';
import { accountNamed, invalid, requireAdmin } from './account-routes';
import type { Account, PublicKeyEntry } from './accounts';
import type { Controller } from './controller';
import { pageOf } from './paging';
import { bodyOf, enziError, enziRoute, Refused } from './replies';

const certificates = v.array(v.object({ label: v.optional(v.string(), ''), cert: v.string() }));
const newKeySchema = v.object({
  publicKey: v.string(),
  label: v.optional(v.string(), ''),
  certificates: v.nullish(certificates),
});
const keyChangeSchema = v.object({ label: v.optional(v.string()), certificates: v.nullish(certificates) });

/** The public keys of a user (UCP API: `accounts/{account}/publicKeys`); for the user and for admins. */
export function publicKeyRoutes(controller: Controller): Route[] {
  const { accounts } = controller;
  const keys = '/accounts/:account/publicKeys';
  const owner = (request: SandboxRequest, account: Account): Account => {
    const named = accountNamed(accounts, request);
    if (named.id !== account.id) requireAdmin(account);
    return named;
  };
  return [
    enziRoute(controller, 'GET', keys, (request, account) => {
      const user = owner(request, account);
      const all = [...user.publicKeys].sort((a, b) => (a.id < b.id ? -1 : 1));
      const page = pageOf(all, request, ({ id }) => id);
      return json({
        accountPublicKeys: page.items.map((key) => keyReply(key, user)),
        resourceCount: all.length,
        nextPageStart: page.nextPageStart,
      });
    }),
    enziRoute(controller, 'POST', keys, async (request, account) => {
      const user = owner(request, account);
      const wanted = bodyOf(request, newKeySchema, invalid);
      const key = accounts.addPublicKey(user, wanted.publicKey, wanted.label, wanted.certificates ?? []);
      if (key === undefined) return enziError(400, 'INVALID_PUBLIC_KEY', 'The public key is not a PEM public key.');
      await controller.save();
      return json(keyReply(key, user), 201);
    }),
    enziRoute(controller, 'PATCH', `${keys}/:key`, async (request, account) => {
      const user = owner(request, account);
      const key = keyOf(user, request);
      const change = bodyOf(request, keyChangeSchema, invalid);
      key.label = change.label ?? key.label;
      key.certificates = change.certificates ?? key.certificates;
      await controller.save();
      return json(keyReply(key, user));
    }),
    enziRoute(controller, 'DELETE', `${keys}/:key`, async (request, account) => {
      const user = owner(request, account);
      user.publicKeys.splice(user.publicKeys.indexOf(keyOf(user, request)), 1);
      await controller.save();
      return empty(204);
    }),
  ];
}

function keyReply({ id, publicKey, label, certificates }: PublicKeyEntry, user: Account): Record<string, unknown> {
  return { id, accountID: user.id, publicKey, label, certificates };
}

function keyOf(user: Account, request: SandboxRequest): PublicKeyEntry {
  const id = request.params['key'] ?? '';
  const key = user.publicKeys.find((candidate) => candidate.id === id);
  if (key !== undefined) return key;
  throw new Refused(enziError(404, 'NO_SUCH_PUBLIC_KEY', `A public key with ID ${id} does not exist.`));
}
