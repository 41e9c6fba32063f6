import type { Attributes, ListType, MapType, Mode, ObjectType, SetType, Type } from './schema';
import type { Unknown, Value } from './value';

/**
 * From which side a value is seen: `config` as written (UNKNOWN anywhere), `knownConfig` the same at apply, `plan` while
 * planning (UNKNOWN anywhere), `planned` at apply (only computed ones may be UNKNOWN), `state` afterwards (all known).
 */
export type View = 'config' | 'knownConfig' | 'plan' | 'planned' | 'state';

/** What the user wrote, defaults filled in, for `validate` and `plan`. Attributes that only the provider sets are not there. */
export type ConfigOf<A extends Attributes> = ObjectOf<A, 'config'>;
/** The configuration at apply: nothing is UNKNOWN any more. */
export type KnownConfigOf<A extends Attributes> = ObjectOf<A, 'knownConfig'>;
/** A plan in the making: anything may be UNKNOWN. */
export type PlanOf<A extends Attributes> = ObjectOf<A, 'plan'>;
/** The plan at apply: what is configured is known, what is computed may be UNKNOWN. Write-only attributes are null. */
export type PlannedOf<A extends Attributes> = ObjectOf<A, 'planned'>;
/** A state: everything known. Write-only attributes are null. */
export type StateOf<A extends Attributes> = ObjectOf<A, 'state'>;
/** What `read` is given: right after an import only the identity (`I`) and what has defaults is sure to be there. */
export type ReadStateOf<A extends Attributes, I extends keyof A> = {
  readonly [K in keyof StateOf<A>]: K extends I
    ? StateOf<A>[K]
    : K extends keyof A
      ? A[K]['mode'] extends 'defaulted'
        ? StateOf<A>[K]
        : StateOf<A>[K] | null
      : never;
};
/** What `import` returns: at least the identity. Defaults are filled in; `read` finds the rest. */
export type ImportedOf<A extends Attributes, I extends keyof A> = {
  readonly [K in keyof StateOf<A>]?: StateOf<A>[K];
} & { readonly [K in keyof StateOf<A> as K extends I ? K : never]: StateOf<A>[K] };

export type ObjectOf<A extends Attributes, V extends View> = {
  readonly [
    K in keyof A as A[K]['mode'] extends 'computed' ? (V extends 'config' | 'knownConfig' ? never : K) : K
  ]: AttributeValue<A[K]['type'], A[K]['mode'], A[K]['nullable'], V>;
};

type AttributeValue<T extends Type, M extends Mode, N extends boolean, V extends View> = V extends
  'config' | 'knownConfig'
  ? ValueOf<T, V> | UnknownIn<V> | (M extends 'optional' | 'optionalComputed' | 'optionalWriteOnly' ? null : never)
  : M extends 'requiredWriteOnly' | 'optionalWriteOnly'
    ? null
    : M extends 'computed' | 'optionalComputed'
      ? ValueOf<T, V> | (V extends 'planned' ? Unknown : UnknownIn<V>) | (N extends true ? null : never)
      : ValueOf<T, V> | UnknownIn<V> | (M extends 'optional' ? null : never);

/**
 * The JavaScript type of a known value of type `T`; elements and attributes inside may be UNKNOWN where the view allows.
 * Of a `Type` that is not known while compiling: any `Value`.
 */
export type ValueOf<T extends Type, V extends View> = [Type] extends [T]
  ? Value
  : T extends { readonly kind: 'string' }
    ? string
    : T extends { readonly kind: 'bool' }
      ? boolean
      : T extends { readonly kind: 'number' }
        ? number | bigint
        : T extends ListType<infer E extends Type>
          ? readonly (ValueOf<E, V> | UnknownIn<V>)[]
          : T extends SetType<infer E extends Type>
            ? readonly (ValueOf<E, V> | UnknownIn<V>)[]
            : T extends MapType<infer E extends Type>
              ? { readonly [key: string]: ValueOf<E, V> | UnknownIn<V> }
              : T extends ObjectType<infer A extends Attributes>
                ? ObjectOf<A, V>
                : never;

type UnknownIn<V extends View> = V extends 'config' | 'plan' ? Unknown : never;
