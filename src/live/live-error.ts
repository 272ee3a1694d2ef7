/** A proxy cannot be looked at: nobody answers at its admin address, or what answers is no Envoy. */
export class LiveError extends Error {
  override readonly name = "LiveError";
}
