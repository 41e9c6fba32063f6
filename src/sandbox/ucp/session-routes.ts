import * as v from 'valibot';
import { empty, json, route, type Route } from '../route';
import { accountReply } from './account-routes';
import { bearerToken, type Controller } from './controller';
import { bodyOf, enziError, enziRoute, Refused } from './replies';

const credentialsSchema = v.object({ username: v.string(), password: v.string() });

/** Logging in and out (UCP API: `auth`, `id`). */
export function sessionRoutes(controller: Controller): Route[] {
  return [
    route('POST', '/auth/login', (request) => {
      try {
        const { username, password } = bodyOf(request, credentialsSchema, (message) =>
          json({ code: 'INVALID_JSON', message, detail: null }, 400),
        );
        const account = controller.accounts.withPassword(username, password);
        if (account === undefined) {
          return json({ code: 'UNAUTHORIZED', message: 'Invalid username or password.', detail: null }, 401);
        }
        request.user = account.name;
        return json({ auth_token: controller.sessions.open(account.id) });
      } catch (error) {
        if (error instanceof Refused) return error.reply;
        throw error;
      }
    }),
    enziRoute(controller, 'GET', '/id', (_, account) => json(accountReply(account, controller.accounts))),
    enziRoute(controller, 'POST', '/id/logout', (request) => {
      const token = bearerToken(request);
      if (token === undefined) return enziError(400, 'NO_SESSION', 'The request was not made with a session.');
      controller.sessions.close(token);
      return empty(204);
    }),
  ];
}
