import * as v from 'valibot';
import { empty, json, type Route } from '../route';
import type { Account } from './accounts';
import { ConfigDocument } from './config-document';
import type { Controller } from './controller';
import { bodyOf, engineError, engineRoute, Refused } from './replies';

const registrationSchema = v.object({
  hostAddress: v.pipe(v.string(), v.minLength(1)),
  serviceID: v.optional(v.string(), ''),
  caBundle: v.optional(v.string(), ''),
  batchScanningDataEnabled: v.optional(v.boolean(), false),
});

/**
 * UCP's configuration: the whole file, and its registrations. Admins only. A PUT replaces the file whoever changed it in
 * between: there is no version and no `If-Match`.
 */
export function configRoutes(controller: Controller): Route[] {
  return [
    engineRoute(controller, 'GET', '/api/ucp/config-toml', (_, account) => {
      requireAdmin(account);
      return { status: 200, headers: { 'Content-Type': 'application/toml' }, body: controller.config.text };
    }),
    engineRoute(controller, 'PUT', '/api/ucp/config-toml', async (request, account) => {
      requireAdmin(account);
      let document: ConfigDocument;
      try {
        document = ConfigDocument.parse(request.body.toString('utf8'));
      } catch (error) {
        const [reason = ''] = (error instanceof Error ? error.message : '').split('\n');
        return engineError(400, `unable to decode the UCP configuration file: ${reason}`);
      }
      await controller.setConfig(document);
      return json({ message: 'Config settings updated' });
    }),
    engineRoute(controller, 'GET', '/api/ucp/config/dtr', (_, account) => {
      requireAdmin(account);
      return json({ registries: controller.config.registrations });
    }),
    engineRoute(controller, 'POST', '/api/ucp/config/dtr', async (request, account) => {
      requireAdmin(account);
      const registration = bodyOf(request, registrationSchema, (message) => engineError(400, message));
      await controller.setConfig(controller.config.withRegistration(registration));
      return empty(200);
    }),
    // The documented way to register a remote DTR says nothing in return. What it does to an entry that is there already
    // is not known; the sandbox does the worst that could be: the two-field form blanks the service ID and the flag.
    engineRoute(controller, 'POST', '/api/config/trustedregistry_', async (request, account) => {
      requireAdmin(account);
      const registration = bodyOf(request, registrationSchema, (message) => engineError(400, message));
      await controller.setConfig(controller.config.withRegistration(registration));
      return empty(200);
    }),
  ];
}

function requireAdmin(account: Account): void {
  if (!account.isAdmin) throw new Refused(engineError(403, 'access denied'));
}
