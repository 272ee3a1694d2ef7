/**
 * The same job as cluster-local's, written the way that @solo-io/proxy-runtime (the AssemblyScript SDK) is meant to be
 * used. The SDK's own code is unchanged; it needs the two files in lib/ to compile with today's AssemblyScript. Its
 * `onConfigure` writes through a size that it takes for a pointer, so the rules stand here.
 */
export * from "@solo-io/proxy-runtime/assembly/proxy";
import {
  Context,
  Counter,
  FilterHeadersStatusValues,
  RootContext,
  registerRootContext,
  stream_context,
} from "@solo-io/proxy-runtime/assembly";
import { get_property, set_property } from "@solo-io/proxy-runtime/assembly/runtime";

class Root extends RootContext {
  readonly rules: Map<string, string> = new Map();
  readonly order: Map<string, string> = new Map();
  readonly retained: Counter = new Counter("cluster_local.requests.retained");
  readonly local: Counter = new Counter(
    "cluster_local.upstream.local.rule=.=default/reviews;.;mode=.=strict;.;",
  );
  readonly remote: Counter = new Counter(
    "cluster_local.upstream.remote.rule=.=default/reviews;.;mode=.=strict;.;",
  );

  constructor(id: u32) {
    super(id);
    this.rules.set("reviews.default.svc.cluster.local", "strict");
  }

  onConfigure(_size: u32): bool {
    return true;
  }

  createContext(id: u32): Context {
    return new Stream(id, this);
  }
}

class Stream extends Context {
  private mode: string = "";

  constructor(
    id: u32,
    private readonly root: Root,
  ) {
    super(id, root);
  }

  onRequestHeaders(_headers: u32, _end: bool): FilterHeadersStatusValues {
    const cluster = String.UTF8.decode(get_property("xds\0cluster_name"));
    const host = cluster.split(":")[0];
    if (this.root.rules.has(host)) this.mode = this.root.rules.get(host);
    const headers = stream_context.headers.request;
    if (this.mode == "strict") headers.replace("x-cluster-local", "m1c1");
    else if (headers.get("x-cluster-local") != "") headers.remove("x-cluster-local");
    if (this.mode == "prefer") headers.replace("x-cluster-local-order", this.root.order.get(host));
    else if (headers.get("x-cluster-local-order") != "") headers.remove("x-cluster-local-order");
    if (this.mode != "") this.root.retained.increment(1);
    return FilterHeadersStatusValues.Continue;
  }

  onResponseHeaders(_headers: u32, _end: bool): FilterHeadersStatusValues {
    if (this.mode == "") return FilterHeadersStatusValues.Continue;
    const served = String.UTF8.decode(
      get_property("xds\0upstream_host_metadata\0filter_metadata\0envoy.lb\0cluster"),
    );
    const where = served == "m1c1" ? "local" : "remote";
    if (where == "local") this.root.local.increment(1);
    else this.root.remote.increment(1);
    const state = "mode=" + this.mode + ";rule=default/reviews;where=" + where;
    set_property("cluster_local", String.UTF8.encode(state));
    return FilterHeadersStatusValues.Continue;
  }
}

registerRootContext((id: u32) => {
  return new Root(id);
}, "cluster_local");
