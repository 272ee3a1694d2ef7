import { describe, expect, test } from "vitest";
import { managerOf, type Bootstrap } from "../envoy/extra-envoy.ts";
import { changed } from "./doctor-mesh.ts";

describe("filters around it", () => {
  const filters = (bootstrap: Bootstrap) => managerOf(bootstrap.static_resources.listeners[0]!).http_filters;

  test.each<[string, (bootstrap: Bootstrap) => void, string[]]>([
    [
      "header_to_metadata before it",
      (bootstrap) => filters(bootstrap).unshift(...filters(bootstrap).splice(1, 1)),
      [
        "error order: header_to_metadata is before the filter: requests are not pinned, and a client's own header is obeyed",
      ],
    ],
    [
      "no header_to_metadata",
      (bootstrap) => filters(bootstrap).splice(1, 1),
      ["error order: no header_to_metadata after the filter reads x-cluster-local: requests are not pinned"],
    ],
    [
      "header_to_metadata that leaves the header on",
      (bootstrap) => {
        const { request_rules } = filters(bootstrap)[1]!.typed_config as {
          request_rules: { remove: boolean }[];
        };
        request_rules[0]!.remove = false;
      },
      ["warning order: x-cluster-local is not removed by header_to_metadata: it reaches the backends"],
    ],
    [
      "header_to_metadata without the order of prefer",
      (bootstrap) => (filters(bootstrap)[1]!.typed_config as { request_rules: object[] }).request_rules.pop(),
      [
        "error order: header_to_metadata does not write x-cluster-local-order to envoy.lb's fallback_list: prefer has no effect",
      ],
    ],
    [
      "Lua after it",
      (bootstrap) =>
        filters(bootstrap).splice(2, 0, {
          name: "envoy.filters.http.lua",
          typed_config: {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua",
            default_source_code: { inline_string: "function envoy_on_request(handle) end" },
          },
        }),
      [
        "warning order: after the filter come others that may choose another route or change its headers: envoy.filters.http.lua",
      ],
    ],
  ])("%s", async (_, change, expected) => {
    const { wrong, code } = await changed(change);
    expect({ wrong, code }).toEqual({ wrong: expected, code: expected[0]!.startsWith("error") ? 1 : 0 });
  });
});
