/** `0`, `0.4`, `5.2`, `48`, `1.2k`: requests a second. */
export function rate(value) {
  if (value < 0.05) return "0";
  if (value < 9.95) return value.toFixed(1);
  return count(value);
}

/** `950`, `1.2k`, `3.4M`. */
export function count(value) {
  if (value < 999.5) return String(Math.round(value));
  if (value < 999_500) return `${short(value / 1000)}k`;
  return `${short(value / 1_000_000)}M`;
}

const short = (value) => (value < 9.95 ? value.toFixed(1) : String(Math.round(value)));

/** `12 B`, `3.4 kB`, `5.6 MB`. */
export function bytes(value) {
  if (value < 1000) return `${Math.round(value)} B`;
  if (value < 1_000_000) return `${short(value / 1000)} kB`;
  return `${short(value / 1_000_000)} MB`;
}

/** `0.12 USD`, `<0.01 USD`. */
export function money(amount, currency) {
  return `${amount > 0 && amount < 0.01 ? "<0.01" : amount.toFixed(2)} ${currency}`;
}

const clock = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

/** `12:03:11`, in the reader's own time. */
export const time = (at) => clock.format(at);

/** `reviews` of `default/reviews`. */
export const nameOf = (service) => service.slice(service.indexOf("/") + 1);

/** `reviews.default` in words: `reviews in m1c2`. */
export const placeOf = (service, cluster) => `${nameOf(service)} in ${cluster}`;

/** `productpage in m1c1 to reviews in m1c2: 4.9 requests a second, remote.` */
export function sentence(arrow) {
  const [cluster, , name] = arrow.from.split("/");
  const failing = arrow.errorsPerSecond > 0.05 ? `, ${rate(arrow.errorsPerSecond)} of them failing` : "";
  return `${name} in ${cluster} to ${placeOf(arrow.service, arrow.cluster)}: ${rate(arrow.requestsPerSecond)} requests a second${failing}, ${arrow.place}.`;
}
