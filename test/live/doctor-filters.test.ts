import { expect, test } from "vitest";
import { managerOf, type Bootstrap } from "../envoy/extra-envoy.ts";
import { changed } from "./doctor-mesh.ts";

test.each<[string, (manager: ReturnType<typeof managerOf>) => void, string]>([
  [
    "Lua after the filter",
    ({ http_filters: filters }) =>
      filters.splice(1, 0, {
        name: "envoy.filters.http.lua",
        typed_config: {
          "@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua",
          default_source_code: { inline_string: "function envoy_on_request(handle) end" },
        },
      }),
    "warning order: filters after it may send a request to another service, whose rule is not asked then: envoy.filters.http.lua",
  ],
  [
    "no stats access logger",
    (manager) => delete manager.access_log,
    "warning evidence: nothing counts where governed requests go: a leak would not be seen",
  ],
])("%s", async (_, change, expected) => {
  const { wrong, code } = await changed(({ static_resources }: Bootstrap) =>
    change(managerOf(static_resources.listeners[0]!)),
  );
  expect({ wrong, code }).toEqual({ wrong: [expected], code: 0 });
});
