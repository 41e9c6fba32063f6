import { Token } from './cdktf';

/** Whether Terraform, not the app, knows the value: a variable, an attribute of a resource, any `${…}`. */
export function isTerraformExpression(value: string): boolean {
  return Token.isUnresolved(value) || value.includes('${');
}
