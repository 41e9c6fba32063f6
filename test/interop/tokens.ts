import { createPrivateKey } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { SignJWT } from 'jose';
import type { Identity } from './pki';

/**
 * A token server as a DTR's `/auth/token` for public repositories: Basic credentials in, a JWT for the asked scope out; who
 * brings none may pull, which the notary CLI counts on when it reads.
 */
export interface TokenServer {
  readonly service: string;
  readonly issuer: string;
  readonly username: string;
  readonly password: string;
  /** Scopes asked for, in order. */
  readonly scopes: string[];
  /** Actions that nobody is given, as a DTR keeps `*` from those who do not administer a repository. */
  readonly withheld: Set<string>;
  readonly answer: (request: IncomingMessage) => Promise<{ status: number; body: string }>;
}

/** `identity` signs the tokens; its certificate has to chain to the server's `rootcertbundle`. */
export function createTokenServer(identity: Identity): TokenServer {
  const server = { service: 'dtr.test', issuer: 'test-issuer', username: 'admin', password: 'the-password' } as const;
  const scopes: string[] = [];
  const withheld = new Set<string>();
  const expected = `Basic ${Buffer.from(`${server.username}:${server.password}`).toString('base64')}`;
  const x5c = [identity.certificate.replaceAll(/-----[A-Z ]+-----|\s/g, '')];
  const answer = async (request: IncomingMessage): Promise<{ status: number; body: string }> => {
    const { authorization } = request.headers;
    if (authorization !== undefined && authorization !== expected) {
      return {
        status: 401,
        body: JSON.stringify({ errors: [{ code: 'UNAUTHORIZED', message: 'wrong credentials' }] }),
      };
    }
    const asked = new URL(request.url ?? '/', 'https://tokens').searchParams.getAll('scope');
    scopes.push(...asked);
    const given = asked.map(access).map(authorization === undefined ? onlyPull : without(withheld));
    const token = await new SignJWT({ access: given })
      .setProtectedHeader({ alg: 'ES256', typ: 'JWT', x5c })
      .setIssuer(server.issuer)
      .setSubject(server.username)
      .setAudience(server.service)
      .setIssuedAt()
      .setNotBefore('-1m')
      .setExpirationTime('5m')
      .setJti(String(scopes.length))
      .sign(createPrivateKey(identity.privateKey));
    return { status: 200, body: JSON.stringify({ token, expires_in: 300 }) };
  };
  return { ...server, scopes, withheld, answer };
}

interface Access {
  readonly type: string;
  readonly name: string;
  readonly actions: readonly string[];
}

const without =
  (withheld: ReadonlySet<string>) =>
  (asked: Access): Access => ({ ...asked, actions: asked.actions.filter((action) => !withheld.has(action)) });
const onlyPull = (asked: Access): Access => ({
  ...asked,
  actions: asked.actions.filter((action) => action === 'pull'),
});

/** `repository:<gun>:pull,push`; the GUN may hold a port, so the ends are cut off, not the middle. */
function access(scope: string): Access {
  const first = scope.indexOf(':');
  const last = scope.lastIndexOf(':');
  return { type: scope.slice(0, first), name: scope.slice(first + 1, last), actions: scope.slice(last + 1).split(',') };
}
