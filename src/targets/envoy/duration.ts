/** google.protobuf.Duration's JSON form, which knows seconds only, of `1s` or `250ms`. */
export function seconds(duration: string): string {
  return duration.endsWith("ms") ? `${Number.parseInt(duration, 10) / 1000}s` : duration;
}

/** The same in milliseconds. */
export function milliseconds(duration: string): number {
  return Number.parseFloat(seconds(duration)) * 1000;
}
