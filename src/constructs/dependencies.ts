import type { IConstruct } from 'constructs';
import { dependable, TerraformResource, TerraformStack } from './cdktf';

/** The resources that constructs stand for: themselves, and whatever is below them. */
export function resourcesOf(constructs: Iterable<IConstruct>): TerraformResource[] {
  const all = [...constructs].flatMap((construct) => construct.node.findAll());
  return [...new Set(all.filter((node) => TerraformResource.isTerraformResource(node)))];
}

const known = new WeakMap<TerraformResource, Set<TerraformResource>>();

/**
 * Lets `resource` wait for `dependencies`, and be destroyed before them (`depends_on`). Terraform orders resources within
 * one state only: where a dependency lies in another stack, that whole stack is deployed first.
 */
export function dependOn(resource: TerraformResource, dependencies: Iterable<TerraformResource>): void {
  const stack = TerraformStack.of(resource);
  const before = known.get(resource) ?? new Set();
  known.set(resource, before);
  for (const dependency of dependencies) {
    if (dependency === resource || before.has(dependency)) continue;
    before.add(dependency);
    const other = TerraformStack.of(dependency);
    if (other === stack) resource.dependsOn = [...(resource.dependsOn ?? []), dependable(dependency)];
    else stack.addDependency(other);
  }
}
