import * as v from 'valibot';
import { json, type Route } from '../route';
import type { Controller } from './controller';
import { RegistryRequests } from './registry-requests';
import { bodyOf, engineError, engineRoute } from './replies';
import { TrustUnavailable } from './signed-metadata';

const loginSchema = v.object({
  username: v.optional(v.string(), ''),
  password: v.optional(v.string(), ''),
  serveraddress: v.optional(v.string(), ''),
});

/** `POST /auth`: docker with a client bundle has the engine try a login at a registry (Docker Engine API: SystemAuth). */
export function registryLoginRoutes(controller: Controller): Route[] {
  return [
    engineRoute(controller, 'POST', '/auth', async (request) => {
      const login = bodyOf(request, loginSchema, (message) => engineError(400, message));
      const host = login.serveraddress.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
      const registration = controller.config.registrations.find(({ hostAddress }) => hostAddress === host);
      if (registration === undefined) {
        // The sandbox's clusters reach nothing else, and know no other authority.
        const reason = 'x509: certificate signed by unknown authority';
        return engineError(500, `Get "https://${host}/v2/": ${reason}`);
      }
      const requests = new RegistryRequests(host, registration.caBundle, login);
      try {
        await requests.get('/v2/');
        return json({ Status: 'Login Succeeded', IdentityToken: '' });
      } catch (error) {
        if (!(error instanceof TrustUnavailable)) throw error;
        return error.message.endsWith(': 401')
          ? engineError(401, `Get "https://${host}/v2/": unauthorized: incorrect username or password`)
          : engineError(500, `Get "https://${host}/v2/": ${error.message}`);
      } finally {
        requests.close();
      }
    }),
  ];
}
