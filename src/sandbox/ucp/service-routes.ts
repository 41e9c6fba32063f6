import { empty, json, type Route, type SandboxRequest } from '../route';
import { admit } from './admit';
import type { Controller } from './controller';
import { isSelected } from './filters';
import { nodeId } from './node';
import { bodyOf, engineError, engineRoute, Refused } from './replies';
import { replicasOf, type Service, serviceSpecSchema, taskId, type Workloads } from './workloads';

/** Swarm services and their tasks, as far as `docker service` needs them; create and update ask for admission. */
export function serviceRoutes(controller: Controller): Route[] {
  const { workloads } = controller;
  return [
    engineRoute(controller, 'POST', '/services/create', async (request) => {
      const spec = bodyOf(request, serviceSpecSchema, badSpec);
      await admit(controller, spec.TaskTemplate.ContainerSpec.Image, request);
      if (spec.Name !== '' && workloads.service(spec.Name)?.Spec.Name === spec.Name) {
        return engineError(409, `rpc error: code = AlreadyExists desc = name conflicts with an existing object`);
      }
      const service = workloads.addService(spec);
      await controller.save();
      return json({ ID: service.ID }, 201);
    }),
    engineRoute(controller, 'POST', '/services/:service/update', async (request) => {
      const service = serviceOf(workloads, request);
      const spec = bodyOf(request, serviceSpecSchema, badSpec);
      if (request.query.get('version') !== String(service.Version.Index)) {
        return engineError(500, 'rpc error: code = Unknown desc = update out of sequence');
      }
      await admit(controller, spec.TaskTemplate.ContainerSpec.Image, request);
      workloads.updateService(service, spec);
      await controller.save();
      return json({});
    }),
    engineRoute(controller, 'GET', '/services', (request) => {
      const services = workloads.state.services.filter((service) =>
        isSelected(request, { id: service.ID, name: service.Spec.Name, label: service.Spec.Labels ?? {} }),
      );
      return json(services.map(serviceReply));
    }),
    engineRoute(controller, 'GET', '/services/:service', (request) =>
      json(serviceReply(serviceOf(workloads, request))),
    ),
    engineRoute(controller, 'DELETE', '/services/:service', async (request) => {
      workloads.removeService(serviceOf(workloads, request));
      await controller.save();
      return empty(200);
    }),
    engineRoute(controller, 'GET', '/services/:service/logs', () => empty(200)),
    engineRoute(controller, 'GET', '/tasks', (request) => {
      const tasks = workloads.state.services.flatMap((service) => tasksOf(service, controller));
      return json(
        tasks.filter((task) =>
          isSelected(request, {
            id: task.ID,
            service: [task.ServiceID, task.serviceName],
            node: task.NodeID,
            'desired-state': task.DesiredState,
            label: {},
          }),
        ),
      );
    }),
  ];
}

function serviceReply(service: Service): Record<string, unknown> {
  const replicas = replicasOf(service);
  return {
    ...service,
    Endpoint: { Spec: {} },
    ServiceStatus: { RunningTasks: replicas, DesiredTasks: replicas },
  };
}

interface Task {
  readonly ID: string;
  readonly ServiceID: string;
  readonly serviceName: string;
  readonly NodeID: string;
  readonly DesiredState: string;
}

function tasksOf(service: Service, controller: Controller): Task[] {
  return Array.from({ length: replicasOf(service) }, (_, index) => ({
    ID: taskId(service, index + 1),
    Version: service.Version,
    CreatedAt: service.CreatedAt,
    UpdatedAt: service.UpdatedAt,
    Spec: service.Spec.TaskTemplate,
    ServiceID: service.ID,
    serviceName: service.Spec.Name,
    Slot: index + 1,
    NodeID: nodeId(controller),
    Status: { Timestamp: service.UpdatedAt, State: 'running', Message: 'started' },
    DesiredState: 'running',
  }));
}

function serviceOf(workloads: Workloads, request: SandboxRequest): Service {
  const name = request.params['service'] ?? '';
  const service = workloads.service(name);
  if (service === undefined) throw new Refused(engineError(404, `service ${name} not found`));
  return service;
}

function badSpec(message: string): ReturnType<typeof engineError> {
  return engineError(400, `invalid service specification: ${message}`);
}
