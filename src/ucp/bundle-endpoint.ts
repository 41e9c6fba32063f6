import * as v from 'valibot';
import { checkHostAddress } from '../http';
import type { BundleFiles } from './bundle-files';

/**
 * Where the bundle's UCP is, as `https://host:port`: `DOCKER_HOST` of env.sh, else the docker endpoint of meta.json, else the
 * host of kube.yml (whose port is the Kubernetes API's, so UCP is then taken to be at 443). Nothing when none of them says.
 */
export function endpointOf(files: BundleFiles): string | undefined {
  return (
    fromEnvironment(textOf(files, 'env.sh')) ??
    fromMeta(textOf(files, 'meta.json')) ??
    fromKube(textOf(files, 'kube.yml'))
  );
}

function fromEnvironment(text: string): string | undefined {
  const line = /^[ \t]*(?:export[ \t]+)?DOCKER_HOST=["']?([^"'\s;#]+)/m.exec(text);
  return line?.[1] === undefined ? undefined : fromDockerHost(line[1]);
}

const metaSchema = v.object({ Endpoints: v.object({ docker: v.object({ Host: v.string() }) }) });

/** A docker context; its SkipTLSVerify is not honoured: certificates are always checked. */
function fromMeta(text: string): string | undefined {
  try {
    return fromDockerHost(v.parse(metaSchema, JSON.parse(text)).Endpoints.docker.Host);
  } catch {
    return undefined;
  }
}

function fromKube(text: string): string | undefined {
  const host = /^[ \t]*server:[ \t]*["']?https:\/\/(\[[^\]]+\]|[^\s:/"']+)/m.exec(text)?.[1];
  return host === undefined ? undefined : fromDockerHost(`tcp://${host}:443`);
}

function fromDockerHost(value: string): string | undefined {
  const address = /^(?:tcp|https):\/\/([^/]+)\/?$/.exec(value)?.[1];
  if (address === undefined) return undefined;
  try {
    return `https://${checkHostAddress(address)}`;
  } catch {
    return undefined;
  }
}

function textOf(files: BundleFiles, name: string): string {
  return files.get(name)?.toString('utf8') ?? '';
}
