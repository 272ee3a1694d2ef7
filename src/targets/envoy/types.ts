/** A message of Envoy's API in proto3's JSON form: field names as in the .proto files. */
export type Message = { [field: string]: Message | Message[] | string | string[] | number | boolean };

const TYPE_URL = "type.googleapis.com/";

/** A google.protobuf.Any. */
export function any(type: string, message: Message): Message {
  return { "@type": TYPE_URL + type, ...message };
}

/** The name of a type as discovery services use it. */
export function typeUrl(type: string): string {
  return TYPE_URL + type;
}
