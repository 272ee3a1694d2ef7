import { listen, takeKey } from "./api.js";
import { byId, say, set } from "./dom.js";
import { createExplain } from "./explain.js";
import { bytes, money, rate } from "./format.js";
import { createLog } from "./log.js";
import { createPicture } from "./picture.js";
import { createRetention } from "./retention.js";
import { createTable } from "./table.js";

const STATES = { connecting: "Connecting", live: "Live", lost: "Connecting again", locked: "Locked" };

let traffic;
const choose = (id) => {
  picture.choose(id);
  void explain.show(id);
};
const picture = createPicture(byId("picture"), { onChoose: choose });
const explain = createExplain(byId("explain"), {
  onClose: (id) => (picture.choose(undefined), picture.focus(id)),
});
const log = createLog(byId("log"), { onChoose: choose });
const retention = createRetention(byId("retention-form"), { onPolicy: showPolicy });
const table = createTable(byId("table"), { onChoose: choose });
const details = byId("table-details");

details.addEventListener("toggle", () => showTable());
new ResizeObserver(() => traffic && picture.draw(traffic)).observe(byId("picture"));
byId("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  takeKey(byId("key").value);
  start();
});
// The address that the command printed, pasted into a tab that is open already.
addEventListener("hashchange", () => {
  takeKey();
  if (byId("main").hidden) start();
});

function start() {
  void listen({
    state(state) {
      say(byId("connection"), STATES[state]);
      set(byId("connection"), "data-state", state);
      set(byId("locked"), "hidden", state !== "locked");
      if (state === "locked") byId("key").focus();
      if (state === "live") log.clear();
    },
    event(name, data) {
      set(byId("main"), "hidden", false);
      if (name === "traffic") showTraffic(data);
      else if (name === "policy") showPolicy(data);
      else if (name === "log") log.update(data);
    },
  });
}

function showPolicy(view) {
  say(byId("file"), view.file);
  retention.update(view);
}

function showTraffic(data) {
  traffic = data;
  // What nobody sees need not be painted.
  if (document.hidden) return;
  picture.draw(data);
  showFigures(data);
  retention.showRunning(data.proxies);
  showTable();
}

addEventListener("visibilitychange", () => traffic && showTraffic(traffic));

function showTable() {
  if (details.open && traffic) table.draw(traffic);
}

function showFigures({ totals, proxies, hidden, cost }) {
  const { localPerSecond: local, remotePerSecond: remote } = totals;
  const share = local + remote > 0.05 ? local / (local + remote) : undefined;
  say(byId("home-share"), share === undefined ? "–" : `${Math.floor(share * 100)}%`);
  byId("home-meter").style.setProperty("inline-size", `${Math.round((share ?? 0) * 100)}%`);
  say(byId("crossing"), `${rate(remote)}/s`);
  const flow = remote >= 0.05 ? `about ${bytes(totals.remoteBytesPerSecond)}/s` : "nothing now";
  say(
    byId("crossing-bytes"),
    cost?.perHour === undefined ? flow : `${flow}, ${money(cost.perHour, cost.currency)}/h`,
  );
  say(byId("leaks"), String(totals.leaked));
  set(byId("leaks"), "data-bad", totals.leaked > 0);
  const silent = proxies.filter(({ error }) => error !== undefined);
  say(byId("proxies"), `${proxies.length - silent.length} of ${proxies.length}`);
  set(byId("proxies"), "data-bad", silent.length > 0);
  say(byId("proxies-note"), silent.length > 0 ? silent[0].error : "answer, asked once a second");
  const rest = hidden > 0 ? ` ${hidden} services that are called less, or not at all, are left out.` : "";
  say(byId("picture-note"), `Choose an arrow to see why its requests go where they go.${rest}`);
}

takeKey();
start();
