import { json, route, type Route, text } from '../route';
import type { Controller } from './controller';
import { nodeId, nodeName, nodeReply } from './node';
import { engineError, engineRoute } from './replies';

/** The engine API version the sandbox answers to; a newer docker CLI negotiates down to it. */
export const apiVersion = '1.40';
const minApiVersion = '1.20';

/** What the docker CLI asks of an engine before and beside its workloads. */
export function engineRoutes(controller: Controller): Route[] {
  return [
    route('GET|HEAD', /^(?:\/v\d+\.\d+)?\/_ping$/, () =>
      text('OK', 200, { 'Api-Version': apiVersion, OSType: 'linux', 'Cache-Control': 'no-cache' }),
    ),
    engineRoute(controller, 'GET', '/version', () => json(versionReply(controller))),
    engineRoute(controller, 'GET', '/info', () => json(infoReply(controller))),
    engineRoute(controller, 'GET', '/nodes', () => json([nodeReply(controller)])),
    engineRoute(controller, 'GET', '/nodes/:node', (request) =>
      ['self', nodeId(controller), nodeName(controller)].includes(request.params['node'] ?? '')
        ? json(nodeReply(controller))
        : engineError(404, `node ${request.params['node'] ?? ''} not found`),
    ),
    engineRoute(controller, 'GET', '/(?:networks|secrets|configs)', () => json([])),
    engineRoute(controller, 'GET', '/volumes', () => json({ Volumes: [], Warnings: null })),
  ];
}

function versionReply({ options }: Controller): Record<string, unknown> {
  const { version } = options;
  const details = {
    ApiVersion: apiVersion,
    Arch: 'amd64',
    BuildTime: 'Tue Nov 19 02:19:57 UTC 2019',
    GitCommit: 'e2e1a5c',
    GoVersion: 'go1.12.12',
    MinApiVersion: minApiVersion,
    Os: 'linux',
  };
  // UCP became MKE with 3.4; the prefix of Version stayed.
  const product = /^3\.(?:[4-9]|\d\d)\./.test(version) ? 'Mirantis Kubernetes Engine' : 'Universal Control Plane';
  return {
    Platform: { Name: '' },
    Components: [{ Name: product, Version: version, Details: details }],
    Version: `ucp/${version}`,
    ApiVersion: apiVersion,
    MinAPIVersion: minApiVersion,
    GitCommit: details.GitCommit,
    GoVersion: details.GoVersion,
    Os: details.Os,
    Arch: details.Arch,
    BuildTime: details.BuildTime,
  };
}

function infoReply(controller: Controller): Record<string, unknown> {
  const { containers, images } = controller.workloads.state;
  const running = containers.filter((container) => container.running).length;
  return {
    ID: controller.identity.instanceId,
    Name: nodeName(controller),
    ServerVersion: `ucp/${controller.options.version}`,
    Containers: containers.length,
    ContainersRunning: running,
    ContainersPaused: 0,
    ContainersStopped: containers.length - running,
    Images: images.length,
    Driver: '',
    DriverStatus: [
      ['Managers', '1'],
      [' ' + nodeName(controller), controller.host],
    ],
    Plugins: { Volume: [], Network: [], Authorization: null, Log: null },
    OSType: 'linux',
    OperatingSystem: 'linux',
    Architecture: 'amd64',
    KernelVersion: '',
    NCPU: 4,
    MemTotal: 16_000_000_000,
    Labels: [],
    Warnings: null,
    Swarm: {
      NodeID: nodeId(controller),
      NodeAddr: '127.0.0.1',
      LocalNodeState: 'active',
      ControlAvailable: true,
      Error: '',
      RemoteManagers: [{ NodeID: nodeId(controller), Addr: '127.0.0.1:2377' }],
      Nodes: 1,
      Managers: 1,
      Cluster: { ID: controller.identity.instanceId },
    },
  };
}
