import { post, Problems } from "./api.js";
import { h } from "./dom.js";
import { nameOf } from "./format.js";

/** The explanation of an arrow, in a dialog: Escape closes it, and the focus goes back to where it was. */
export function createExplain(dialog, { onClose }) {
  let arrow;

  async function ask(request = {}) {
    try {
      const answer = await post("api/explain", { arrow, ...request });
      dialog.replaceChildren(...draw(answer, ask, close));
    } catch (error) {
      if (!(error instanceof Problems)) throw error;
      const lines = error.problems.map((line) => h("li", {}, line));
      dialog.replaceChildren(head("It cannot be explained", close), h("ul", { class: "problems" }, lines));
    }
  }

  const close = () => dialog.close();
  dialog.addEventListener("close", () => onClose(arrow));
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) close();
  });

  return {
    async show(id) {
      arrow = id;
      await ask();
      if (!dialog.open) dialog.showModal();
      dialog.querySelector("button.close").focus();
    },
  };
}

function head(title, close) {
  return h(
    "header",
    {},
    h("h2", { id: "explain-title" }, title),
    h("button", { type: "button", class: "close", "aria-label": "Close", onclick: close }, "×"),
  );
}

function draw({ arrow, request, override, explanation }, ask, close) {
  const [proxy, service, cluster] = arrow.split(" ");
  const { decision, rule, where, considered, pin, removed, route, subset, endpoints, notes, summary } =
    explanation;
  return [
    head(`${proxy} → ${nameOf(service).replace(/:\d*$/, "")} in ${cluster}`, close),
    h("p", { class: "summary" }, h("span", { class: `badge ${decision}` }, decision), " ", summary),
    requestForm(request, override, ask),
    section(
      "Endpoints it may reach",
      drawEndpoints(endpoints.allowed, "allowed"),
      endpoints.allowed.length === 0 && "none",
    ),
    endpoints.excluded.length > 0 &&
      section("Endpoints it may not reach", drawEndpoints(endpoints.excluded, "excluded")),
    considered.length > 0 && section("Rules that name the service", drawConsidered(considered)),
    section("How it is done", facts({ rule, where, pin, removed, route, subset })),
    notes.length > 0 &&
      section(
        "Notes",
        h(
          "ul",
          {},
          notes.map((note) => h("li", {}, note)),
        ),
      ),
  ].filter(Boolean);
}

function section(title, ...content) {
  return h("section", {}, h("h3", {}, title), ...content);
}

function requestForm({ method, path, host, caller, asks }, override, ask) {
  const methodField = h("input", {
    name: "method",
    value: method,
    size: 7,
    "aria-label": "Method",
    pattern: "[A-Z\\-]+",
    required: true,
  });
  const pathField = h("input", {
    name: "path",
    value: path,
    "aria-label": "Path",
    pattern: "/.*",
    required: true,
  });
  const asksField =
    override &&
    h(
      "select",
      { name: "asks", "aria-label": override.header },
      h("option", { value: "" }, `no ${override.header}`),
      override.allow.map((value) =>
        h("option", { value, selected: value === asks }, `${override.header}: ${value}`),
      ),
    );
  const form = h(
    "form",
    { class: "request" },
    methodField,
    pathField,
    asksField,
    h("button", { type: "submit" }, "Ask"),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const asks = asksField?.value ? { asks: asksField.value } : {};
    void ask({ method: methodField.value, path: pathField.value, ...asks });
  });
  return h("div", { class: "request-box" }, h("p", { class: "note" }, `${caller} asks ${host} for`), form);
}

function drawEndpoints(endpoints, kind) {
  return h(
    "ul",
    { class: `endpoints ${kind}` },
    endpoints
      .slice(0, 50)
      .map(({ address, cluster, labels = {}, turn, why }) =>
        h(
          "li",
          {},
          h("b", {}, cluster),
          " ",
          h("code", {}, address),
          labels.version !== undefined && ` ${labels.version}`,
          turn !== undefined && h("em", {}, ` turn ${turn}`),
          why && h("small", {}, why),
        ),
      ),
  );
}

function drawConsidered(considered) {
  return h(
    "ul",
    { class: "considered" },
    considered.map(({ pattern, where, mode, won, why }) =>
      h(
        "li",
        { class: won ? "won" : "lost" },
        h("b", {}, won ? "won" : "lost"),
        " ",
        h("code", {}, pattern),
        ` ${mode}: ${why}`,
        h("small", {}, where),
      ),
    ),
  );
}

function facts({ rule, where, pin, removed, route, subset }) {
  const rows = [
    ["Rule", rule === undefined ? "none" : `${rule}${where === undefined ? "" : `, ${where}`}`],
    ["Pin", pin === "*" ? "*, anywhere" : (pin ?? "none")],
    ...removed.map((name) => ["Header removed", name]),
    ["Route", route ? `${route.in}, to ${route.envoyClusters.join(", ")}` : "unknown"],
    ...(subset
      ? [
          [
            "Subset",
            Object.entries(subset)
              .map(([key, value]) => `${key}=${value}`)
              .join(", "),
          ],
        ]
      : []),
  ];
  return h(
    "dl",
    {},
    rows.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]),
  );
}
