import { isRecord } from "./fields.ts";

/**
 * Reading of what others wrote, and other versions of them may write differently: what is missing, or of another type, is
 * undefined or empty, and never an exception.
 */
export interface Fields {
  [field: string]: unknown;
}

/** The fields of a value, none when it is no object. */
export function fieldsOf(value: unknown): Fields {
  return isRecord(value) ? value : {};
}

/** The items of a value, none when it is no list. */
export function itemsOf(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

/** The texts of a list; what is no text is left out. */
export function textsOf(value: unknown): string[] {
  return itemsOf(value).filter((item) => typeof item === "string");
}

/** A text; undefined when the value is none, or empty: proto3's JSON leaves an empty text out or writes it. */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** A number; 64-bit ones are texts in proto3's JSON. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  return typeof value === "string" && /^-?\d+(?:\.\d+)?$/.test(value) ? Number(value) : undefined;
}

/** The value of a key that people chose: an object has no `constructor` but one of its own. */
export function ownOf<T>(values: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(values, key) ? values[key] : undefined;
}

/** What stands at a path of keys. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce((inner, key) => fieldsOf(inner)[key], value);
}

/** The fields of a value without some. */
export function leaveOut(value: unknown, ...names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(fieldsOf(value)).filter(([name]) => !names.includes(name)));
}
