import type { Faults } from './faults';
import type { RequestLog } from './request-log';
import { empty, json, jsonBody, route, type Route } from './route';

/** The routes every endpoint has for whoever watches or disturbs it. */
export function controlRoutes(requests: RequestLog, faults: Faults): Route[] {
  return [
    route('GET', '/_sandbox/requests', () => json(requests.list())),
    route('DELETE', '/_sandbox/requests', () => {
      requests.clear();
      return empty(204);
    }),
    route('GET', '/_sandbox/faults', () => json(faults.pending())),
    route('POST', '/_sandbox/faults', (request) => {
      try {
        faults.add(jsonBody(request));
        return empty(201);
      } catch (error) {
        return json({ message: error instanceof Error ? error.message : String(error) }, 400);
      }
    }),
    route('DELETE', '/_sandbox/faults', () => {
      faults.clear();
      return empty(204);
    }),
  ];
}
