import type { OutlierDetecting } from "../../inventory/model.ts";
import { seconds } from "./duration.ts";
import type { Message } from "./types.ts";

/** envoy.config.cluster.v3.OutlierDetection. */
export function outlierDetection(outliers: OutlierDetecting): Message {
  return {
    consecutive_5xx: outliers.consecutive5xx,
    interval: seconds(outliers.interval),
    base_ejection_time: seconds(outliers.baseEjectionTime),
    max_ejection_percent: outliers.maxEjectionPercent,
    // By default the next good health check takes it back, so who fails requests, but not checks, would never be out long.
    successful_active_health_check_uneject_host: false,
    // Only what was asked for: no ejection of those that answer worse than the others.
    enforcing_success_rate: 0,
  };
}
