/**
 * Reading of JSON that other versions of Envoy may write differently: what is missing, or of another type, is undefined or
 * empty, and never an exception.
 */
export type Fields = Readonly<Record<string, unknown>>;

const EMPTY: Fields = {};

export function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : EMPTY;
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Undefined for the empty text too: proto3's JSON leaves either out or writes it. */
export function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** 64-bit numbers are texts in proto3's JSON. */
export function number(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  return typeof value === "string" && /^-?\d+(?:\.\d+)?$/.test(value) ? Number(value) : undefined;
}

/** What stands at a path of keys. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce((inner, key) => fields(inner)[key], value);
}
