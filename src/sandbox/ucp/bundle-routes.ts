import { randomUUID } from 'node:crypto';
import type { Route } from '../route';
import { zipClientBundle } from './client-bundle';
import type { Controller } from './controller';
import { engineRoute } from './replies';

/** `GET|POST /api/clientbundle`: a zip, and with it a new key pair and a new public key of the account, every time. */
export function bundleRoutes(controller: Controller): Route[] {
  return [
    engineRoute(controller, 'GET|POST', '/api/clientbundle', async (request, account) => {
      const files = await controller.issueBundle(account, request.query.get('label') ?? undefined);
      const headers = {
        'Content-Type': 'application/zip',
        'Content-Disposition': `attachment; filename="ucp-bundle-${account.name}.zip"`,
      };
      return { status: 200, headers, body: await zipClientBundle(files, randomUUID()) };
    }),
  ];
}
