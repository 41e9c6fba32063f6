import type { ValueOf } from './inference';
import type { Value } from './value';

/** The types a value may have. `object` holds attributes of its own; the others hold one element type. */
export type Type = StringType | BoolType | NumberType | ListType | SetType | MapType | ObjectType;
export interface StringType {
  readonly kind: 'string';
}
export interface BoolType {
  readonly kind: 'bool';
}
export interface NumberType {
  readonly kind: 'number';
}
export interface ListType<E extends Type = Type> {
  readonly kind: 'list';
  readonly element: E;
}
export interface SetType<E extends Type = Type> {
  readonly kind: 'set';
  readonly element: E;
}
export interface MapType<E extends Type = Type> {
  readonly kind: 'map';
  readonly element: E;
}
export interface ObjectType<A extends Attributes = Attributes> {
  readonly kind: 'object';
  readonly attributes: A;
}

export const string: StringType = { kind: 'string' };
export const bool: BoolType = { kind: 'bool' };
/** Whole numbers beyond 2^53 are bigints, all others numbers. */
export const number: NumberType = { kind: 'number' };
export const list = <E extends Type>(element: E): ListType<E> => ({ kind: 'list', element });
export const set = <E extends Type>(element: E): SetType<E> => ({ kind: 'set', element });
export const map = <E extends Type>(element: E): MapType<E> => ({ kind: 'map', element });
/** An object with attributes of its own. May stand alone or directly in a list, set or map. */
export const object = <A extends Attributes>(attributes: A): ObjectType<A> => ({ kind: 'object', attributes });

/** Who sets an attribute: the user, the provider, the user or else a default, the user or else the provider. */
export type Mode =
  'required' | 'optional' | 'defaulted' | 'computed' | 'optionalComputed' | 'requiredWriteOnly' | 'optionalWriteOnly';

/** One attribute as declared. `M` is who sets it; `N`: whether the provider may leave a computed one null. */
export interface TypedAttribute<T extends Type, M extends Mode, N extends boolean> extends AttributeOptions<T> {
  readonly type: T;
  readonly mode: M;
  readonly nullable: N;
  readonly default?: ValueOf<T, 'state'>;
}
/** The same where the type is not known while compiling: its functions take any `Value`. */
export interface Attribute extends AttributeOptions<Type> {
  readonly type: Type;
  readonly mode: Mode;
  readonly nullable: boolean;
  readonly default?: Value;
}
export type Attributes = Readonly<Record<string, Attribute>>;

export interface AttributeOptions<T extends Type> {
  /** Markdown, for reference pages and bindings. */
  readonly description: string;
  /** A change of this attribute needs a new object. */
  readonly forceNew?: boolean;
  readonly sensitive?: boolean;
  /** Why it should not be used any more. */
  readonly deprecated?: string;
  /** The only values allowed; for a list or set: of each element. */
  readonly oneOf?: readonly string[];
  /**
   * What is wrong with a known, non-null value (`must …`, then lines of detail), or undefined. Called for each known value
   * before anything is planned.
   */
  validate?(value: ValueOf<T, 'state'>): string | undefined;
  /**
   * Whether two known values mean the same: then the value before is kept and there is no diff. For a list or set it
   * compares *elements*; a set is equal when its elements are, in any order.
   */
  equal?(a: ElementOf<T>, b: ElementOf<T>): boolean;
}
/** What `equal` compares: elements of a list or set, the whole value of any other type. */
export type ElementOf<T extends Type> = [Type] extends [T]
  ? Value
  : T extends ListType<infer E extends Type>
    ? ValueOf<E, 'state'>
    : T extends SetType<infer E extends Type>
      ? ValueOf<E, 'state'>
      : ValueOf<T, 'state'>;

/** The user has to set it. */
export function required<T extends Type, W extends boolean = false>(
  type: T,
  options: AttributeOptions<T> & { readonly writeOnly?: W },
): TypedAttribute<T, W extends true ? 'requiredWriteOnly' : 'required', false>;
export function required(
  type: Type,
  { writeOnly, ...options }: AttributeOptions<Type> & { readonly writeOnly?: boolean },
): Attribute {
  return { ...options, type, mode: writeOnly === true ? 'requiredWriteOnly' : 'required', nullable: false };
}

interface OptionalOptions<C extends boolean, N extends boolean, W extends boolean, D> {
  /** When the user leaves it out, the provider says what it is. */
  readonly computed?: C;
  /** With `computed`: the provider may also say null. */
  readonly nullable?: N;
  /** In the configuration only: never in plan or state. */
  readonly writeOnly?: W;
  /** Filled in when the user leaves it out: in `config`, plan and state alike. */
  readonly default?: D;
  /** Null means the empty list, set or map: that is filled in as a default would be. */
  readonly nullEqualsEmpty?: boolean;
}
type OptionalMode<C extends boolean, W extends boolean, D> = W extends true
  ? 'optionalWriteOnly'
  : undefined extends D
    ? C extends true
      ? 'optionalComputed'
      : 'optional'
    : 'defaulted';

type Nullable<C extends boolean, D, N extends boolean> = undefined extends D ? (C extends true ? N : true) : false;

/** The user may set it. */
export function optional<
  T extends Type,
  C extends boolean = false,
  N extends boolean = false,
  W extends boolean = false,
  D extends ValueOf<T, 'state'> | undefined = undefined,
>(
  type: T,
  options: AttributeOptions<T> & OptionalOptions<C, N, W, D>,
): TypedAttribute<T, OptionalMode<C, W, D>, Nullable<C, D, NoInfer<N>>>;
export function optional(
  type: Type,
  options: AttributeOptions<Type> & OptionalOptions<boolean, boolean, boolean, ValueOf<Type, 'state'>>,
): Attribute {
  const { computed: byProvider, nullable, writeOnly, nullEqualsEmpty, ...rest } = options;
  const filledIn = nullEqualsEmpty === true ? { default: type.kind === 'map' ? {} : [], ...rest } : rest;
  const mode =
    writeOnly === true
      ? 'optionalWriteOnly'
      : filledIn.default !== undefined
        ? 'defaulted'
        : byProvider === true
          ? 'optionalComputed'
          : 'optional';
  return { ...filledIn, type, mode, nullable: byProvider === true ? nullable === true : mode !== 'defaulted' };
}

/** Only the provider sets it. Unknown in the plan of a new object, kept in the plan of a change unless `plan` says otherwise. */
export function computed<T extends Type, N extends boolean = false>(
  type: T,
  options: Omit<AttributeOptions<T>, 'validate' | 'oneOf' | 'forceNew'> & { readonly nullable?: N },
): TypedAttribute<T, 'computed', NoInfer<N>>;
export function computed(type: Type, options: AttributeOptions<Type> & { readonly nullable?: boolean }): Attribute {
  return { ...options, type, mode: 'computed', nullable: options.nullable === true };
}
