/** The library: what the command line does, as functions. */
export { parsePolicy, type Policy } from "./policy/policy.ts";
export { parsePluginConfig, type PluginConfig, type PluginConfigInput } from "./policy/plugin-config.ts";
export { compilePolicy } from "./policy/compile.ts";
export { parseMesh } from "./inventory/mesh.ts";
export { checkPolicy, type Comparison } from "./inventory/check-policy.ts";
export type { Caller, Endpoint, Mesh, Service } from "./inventory/model.ts";
export {
  formatProblem,
  InvalidInput,
  orThrow,
  type Finding,
  type Parsed,
  type Problem,
} from "./input/problem.ts";
export { generateEnvoy, type EnvoyOptions } from "./targets/envoy/index.ts";
export { writeFiles, type Change } from "./files/write.ts";
export { FileError } from "./files/file-error.ts";
export { generateIstio } from "./targets/istio/index.ts";
export type { IstioOptions } from "./targets/istio/options.ts";
export { readInventory } from "./inventory/kubernetes/model.ts";
export {
  explain,
  Explainer,
  QuestionError,
  type Considered,
  type Explanation,
  type Question,
} from "./explain/index.ts";
export { sample, type SampleOptions } from "./live/sample.ts";
export { LiveError } from "./live/live-error.ts";
export { rates, type FlowRate } from "./live/rates.ts";
export type { Flow, ProxySample } from "./live/model.ts";
export { diff, type Ask, type Difference, type Outcome } from "./diff/index.ts";
export { validate, type FileKind, type Validation } from "./validate/index.ts";
export { costOf, type CostEstimate, type Crossing, type Observation } from "./live/cost.ts";
export { parsePrices, type Prices } from "./live/prices.ts";
