import * as v from 'valibot';
import { empty, json, type Route, type SandboxRequest } from '../route';
import { admit } from './admit';
import type { Controller } from './controller';
import { isSelected } from './filters';
import { bodyOf, engineError, engineRoute, Refused } from './replies';
import type { Container, Workloads } from './workloads';

const createSchema = v.looseObject({ Image: v.string(), Cmd: v.nullish(v.array(v.string())) });

/** Containers, as far as `docker run --detach`, `ps` and `rm` need them; create asks for admission. */
export function containerRoutes(controller: Controller): Route[] {
  const { workloads } = controller;
  const turn = (running: boolean) => async (request: SandboxRequest) => {
    containerOf(workloads, request).running = running;
    await controller.save();
    return empty(204);
  };
  return [
    engineRoute(controller, 'POST', '/containers/create', async (request) => {
      const { Image, Cmd } = bodyOf(request, createSchema, (message) => engineError(400, message));
      await admit(controller, Image, request);
      const name = request.query.get('name') ?? '';
      if (workloads.state.containers.some((container) => container.name === name)) {
        return engineError(409, `Conflict. The container name "/${name}" is already in use`);
      }
      const { id } = workloads.addContainer(name, Image, Cmd?.join(' ') ?? '');
      await controller.save();
      return json({ Id: id, Warnings: [] }, 201);
    }),
    engineRoute(controller, 'GET', '/containers/json', (request) => {
      const all = ['1', 'true'].includes(request.query.get('all') ?? '');
      const listed = workloads.state.containers.filter(
        (container) =>
          (all || container.running) && isSelected(request, { id: container.id, name: container.name, label: {} }),
      );
      return json(listed.map(listReply));
    }),
    engineRoute(controller, 'GET', '/containers/:container/json', (request) =>
      json(inspectReply(containerOf(workloads, request))),
    ),
    engineRoute(controller, 'POST', '/containers/:container/(?:start|restart)', turn(true)),
    engineRoute(controller, 'POST', '/containers/:container/(?:stop|kill)', turn(false)),
    // A real engine answers when the container ends; `docker run --detach` asks and does not stay for the answer.
    engineRoute(controller, 'POST', '/containers/:container/wait', (request) => {
      containerOf(workloads, request);
      return json({ StatusCode: 0 });
    }),
    engineRoute(controller, 'POST', '/containers/:container/attach', () =>
      engineError(501, 'the sandbox runs no containers: use docker run --detach'),
    ),
    engineRoute(controller, 'GET', '/containers/:container/logs', () => empty(200)),
    engineRoute(controller, 'DELETE', '/containers/:container', async (request) => {
      workloads.removeContainer(containerOf(workloads, request));
      await controller.save();
      return empty(204);
    }),
  ];
}

function listReply(container: Container): Record<string, unknown> {
  return {
    Id: container.id,
    Names: [`/${container.name}`],
    Image: container.image,
    ImageID: '',
    Command: container.command,
    Created: Math.floor(new Date(container.created).getTime() / 1000),
    State: container.running ? 'running' : 'exited',
    Status: container.running ? 'Up' : 'Exited (0)',
    Ports: [],
    Labels: {},
    HostConfig: { NetworkMode: 'default' },
    NetworkSettings: { Networks: {} },
    Mounts: [],
  };
}

function inspectReply(container: Container): Record<string, unknown> {
  return {
    Id: container.id,
    Name: `/${container.name}`,
    Created: container.created,
    Image: '',
    State: { Status: container.running ? 'running' : 'exited', Running: container.running, ExitCode: 0 },
    Config: { Image: container.image, Tty: false, Labels: {} },
    HostConfig: {},
    NetworkSettings: { Networks: {} },
    Mounts: [],
  };
}

function containerOf(workloads: Workloads, request: SandboxRequest): Container {
  const name = request.params['container'] ?? '';
  const container = workloads.container(name);
  if (container === undefined) throw new Refused(engineError(404, `No such container: ${name}`));
  return container;
}
