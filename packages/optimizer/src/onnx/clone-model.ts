import type { ModelMessage } from './messages.ts';

/** A copy that can be changed without touching the original. The numbers of weights are shared: passes write new ones, never over them. */
export const cloneModel = (model: ModelMessage): ModelMessage => cloneOf(model);

function cloneOf<T>(value: T): T {
  if (Array.isArray(value)) return value.map((member: unknown) => cloneOf(member)) as T;
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array || 'low' in value) return value;
  // What a file leaves out stands on the prototype of what was decoded.
  const copy = Object.create(Object.getPrototypeOf(value)) as T & object;
  for (const name of Object.getOwnPropertyNames(value))
    Object.defineProperty(copy, name, {
      value: cloneOf((value as Readonly<Record<string, unknown>>)[name]),
      enumerable: Object.prototype.propertyIsEnumerable.call(value, name),
      writable: true,
      configurable: true,
    });
  return copy;
}
