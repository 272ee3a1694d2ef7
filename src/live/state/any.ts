import { at, fieldsOf, textOf, type Fields } from "../../input/loose.ts";

/** What a google.protobuf.Any holds: the type without what stands before the last slash, and the message. */
export function unpack(any: unknown): { type: string; message: Fields } {
  const type = nameOf(textOf(at(any, "@type")));
  // xds.type.v3.TypedStruct and udpa's own: a message of a type that the sender's library did not know.
  if (!type.endsWith(".TypedStruct")) return { type, message: fieldsOf(any) };
  return { type: nameOf(textOf(at(any, "type_url"))), message: fieldsOf(at(any, "value")) };
}

function nameOf(url = ""): string {
  return url.slice(url.lastIndexOf("/") + 1);
}

/** An Any that holds a text: StringValue, BytesValue, or a Struct, which is JSON then. */
export function textIn(any: unknown): string {
  const { type, message } = unpack(any);
  const value = message.value;
  if (type.endsWith("BytesValue") && typeof value === "string")
    return Buffer.from(value, "base64").toString("utf8");
  if (typeof value === "string") return value;
  return value === undefined ? "" : JSON.stringify(value);
}
