const good = '{"version":1,"rules":[{"services":["default/reviews"],"mode":"strict"}]}';
const withRule = (rule: string) =>
  `{"version":1,"rules":[{"services":["default/reviews"],"mode":"strict"},${rule}]}`;

/** Plugin configurations that are wrong, and what the log must say of each: the path and the reason. */
export const badConfigurations: [what: string, text: string, reason: string][] = [
  ["nothing", "", "(root): the configuration is empty"],
  [
    "not JSON",
    "services: [default/reviews]",
    "(root): not JSON: found 's' where a value is expected (line 1, column 1)",
  ],
  [
    "truncated",
    good.slice(0, -3),
    "(root): not JSON: found the end of the text where ',' or '}' is expected (line 1, column 70)",
  ],
  [
    "a trailing comma",
    good.replace("}]}", "}],}"),
    "(root): not JSON: found a ',' before the end of a list or an object (line 1, column 73)",
  ],
  [
    "trailing text",
    `${good} x`,
    "(root): not JSON: found 'x' where the end of the text is expected (line 1, column 74)",
  ],
  ["a wrong type", '{"version":1,"enabled":"yes"}', "enabled: found a string, allowed: true or false"],
  [
    "an unknown field",
    withRule('{"service":["a/b"],"mode":"off"}'),
    'rules[1].service: unknown field, allowed: "services", "hosts", "mode", "order", "callers", "paths", "methods", "percent" or "sticky" (did you mean "services"?)',
  ],
  [
    "an unknown mode",
    withRule('{"services":["a/b"],"mode":"stict"}'),
    'rules[1].mode: found "stict", allowed: "strict", "prefer", "observe" or "off" (did you mean "strict"?)',
  ],
  [
    "a duplicate pattern",
    withRule('{"services":["default/reviews"],"mode":"off"}'),
    "rules[1].services[0]: names the same hosts as rules[0].services[0]",
  ],
  [
    "a bad pattern",
    withRule('{"services":["reviews"],"mode":"off"}'),
    'rules[1].services[0]: found "reviews", allowed: "namespace/name", "namespace/*" or "*"',
  ],
  ["five megabytes of nesting", "[".repeat(5_000_000), "(root): not JSON: nested deeper than 32 levels"],
];
