import { list, s, say, set } from "./dom.js";
import { rate, sentence } from "./format.js";
import { layout } from "./layout.js";

/** A cluster takes at least so many pixels. */
const LEAST = 165;

/** The picture of the traffic. Where things stand is found anew only when there are others, or the width is another. */
export function createPicture(parent, { onChoose }) {
  const columns = s("g");
  const ways = s("g", { role: "group", "aria-label": "Arrows" });
  const boxes = s("g");
  const labels = s("g", { class: "labels", "aria-hidden": "true" });
  const svg = s("svg", {
    role: "group",
    "aria-label": "The clusters, their services, and the requests between them",
  });
  svg.append(columns, boxes, ways, labels);
  parent.append(svg);
  const kept = { columns: new Map(), boxes: new Map(), ways: new Map(), labels: new Map() };
  let shape = "";
  let plan;

  function draw(traffic) {
    if (parent.clientWidth === 0) return;
    // More clusters than fit side by side: then the picture is scrolled.
    const width = Math.max(Math.floor(parent.clientWidth), LEAST * traffic.clusters.length);
    const now = JSON.stringify([
      width,
      traffic.clusters,
      traffic.boxes.map(({ id }) => id),
      traffic.arrows.map(({ id }) => id),
    ]);
    if (now !== shape) {
      shape = now;
      plan = layout(traffic, width);
      set(svg, "viewBox", `0 0 ${plan.width} ${plan.height}`);
      set(svg, "width", plan.width);
      set(svg, "height", plan.height);
      list(columns, kept.columns, plan.columns, ({ id }) => id, newColumn, placeColumn);
    }
    const arrows = traffic.arrows.filter(({ id }) => plan.arrows.has(id));
    const pinned = pinnedBoxes(arrows);
    const most = Math.max(1, ...arrows.map(({ requestsPerSecond }) => requestsPerSecond));
    list(
      boxes,
      kept.boxes,
      traffic.boxes,
      ({ id }) => id,
      newBox,
      (element, box) => placeBox(element, box, plan, pinned.get(box.id)),
    );
    // Those that carry much lie above those that carry little; what is focused stays where it is in the order.
    list(
      ways,
      kept.ways,
      arrows,
      ({ id }) => id,
      (arrow) => newArrow(arrow, onChoose),
      (element, arrow) => placeArrow(element, arrow, plan, most),
    );
    const told = arrows.filter(({ requestsPerSecond }) => requestsPerSecond >= 0.05);
    list(
      labels,
      kept.labels,
      told,
      ({ id }) => id,
      newLabel,
      (element, arrow) => placeLabel(element, arrow, plan, most),
    );
  }

  return {
    draw,
    choose(id) {
      for (const [other, element] of kept.ways) set(element, "data-chosen", other === id);
    },
    focus: (id) => kept.ways.get(id)?.focus(),
  };
}

/** The mode of the rule that is for all requests to a box, where one is. */
function pinnedBoxes(arrows) {
  const modes = new Map();
  for (const { to, governed } of arrows) {
    const all = ["strict", "prefer", "observe"].includes(governed.mode) && !governed.partly;
    // Where callers are treated differently, there is no one mode.
    modes.set(to, all && [governed.mode, undefined].includes(modes.get(to)) ? governed.mode : "");
  }
  return modes;
}

function newColumn() {
  return s(
    "g",
    { class: "cluster" },
    s("rect", { rx: 14 }),
    s("text", { class: "cluster-name" }),
    s("text", { class: "cluster-word" }, "cluster"),
  );
}

function placeColumn(element, { id, x, y, w, h: height, outer }) {
  const [rect, name, word] = element.children;
  for (const [key, value] of Object.entries({ x: x + 0.5, y: y + 0.5, width: w - 1, height }))
    set(rect, key, value);
  const at = outer === "left" ? x + 16 : x + w - 16;
  for (const text of [name, word]) {
    set(text, "x", at);
    set(text, "text-anchor", outer === "left" ? "start" : "end");
  }
  set(name, "y", y + 35);
  set(word, "y", y + 20);
  say(name, id);
}

function newBox({ kind }) {
  return s(
    "g",
    { class: `box ${kind}` },
    s("title"),
    s("rect", { rx: 9 }),
    s("text", { class: "name" }),
    s("circle", { r: 3.5 }),
    s("text", { class: "detail" }),
    s("text", { class: "mode", "text-anchor": "end" }),
  );
}

function placeBox(element, box, plan, mode) {
  const [title, rect, name, dot, detail, badge] = element.children;
  const { x, y, w, h: height } = plan.boxes.get(box.id);
  set(element, "transform", `translate(${x} ${y})`);
  set(rect, "width", w);
  set(rect, "height", height);
  const down = box.endpoints > 0 && box.healthy === 0;
  set(
    element,
    "data-health",
    box.endpoints === undefined ? undefined : box.healthy === box.endpoints ? "up" : down ? "down" : "some",
  );
  const padding = plan.narrow ? 9 : 14;
  const room = w - 2 * padding;
  const words = detailOf(box, plan.narrow);
  say(title, `${box.namespace}/${box.name} in ${box.cluster}: ${detailOf(box, false)}`);
  place(name, padding, 23);
  say(name, cut(box.name, room / (plan.narrow ? 7 : 8)));
  const dotted = box.endpoints !== undefined;
  set(dot, "visibility", dotted ? undefined : "hidden");
  set(dot, "cx", padding + 3.5);
  set(dot, "cy", 38);
  place(detail, padding + (dotted ? 13 : 0), 42);
  say(detail, words);
  place(badge, w - padding, plan.narrow ? 42 : 23);
  say(badge, mode ?? "");
  set(element, "data-mode", mode);
}

function detailOf({ kind, version, endpoints, healthy }, narrow) {
  if (kind === "gateway") return "gateway";
  if (endpoints === undefined) return kind === "caller" ? "caller" : "";
  const state =
    endpoints === 0
      ? "no endpoint"
      : healthy === undefined || healthy === endpoints
        ? narrow
          ? ""
          : "healthy"
        : healthy === 0
          ? "down"
          : `${healthy} of ${endpoints}`;
  return [version, state].filter(Boolean).join(" · ");
}

function place(text, x, y) {
  set(text, "x", x);
  set(text, "y", y);
}

const cut = (text, letters) =>
  text.length <= letters ? text : `${text.slice(0, Math.max(1, Math.floor(letters) - 1))}…`;

function newArrow({ id }, onChoose) {
  const choose = () => onChoose(id);
  return s(
    "g",
    {
      class: "arrow",
      tabindex: 0,
      role: "button",
      "aria-haspopup": "dialog",
      onclick: choose,
      onkeydown: (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        choose();
      },
    },
    s("title"),
    s("path", { class: "reach" }),
    s("path", { class: "halo" }),
    s("path", { class: "stroke" }),
    s("path", { class: "head" }),
  );
}

/** Width by the square root of the rate, so that little is still seen beside much. In pixels. */
const widthOf = ({ requestsPerSecond }, most, narrow) =>
  requestsPerSecond < 0.05 ? 1 : 1.75 + (narrow ? 5 : 7.5) * Math.sqrt(requestsPerSecond / most);

function placeArrow(element, arrow, plan, most) {
  const [title, reach, halo, stroke, head] = element.children;
  const { start, c, end, direction } = plan.arrows.get(arrow.id);
  const width = Math.round(widthOf(arrow, most, plan.narrow) * 4) / 4;
  const size = 5 + width * 0.9;
  const neck = { x: end.x - direction.x * size * 1.15, y: end.y - direction.y * size * 1.15 };
  const d = (to) => `M${start.x} ${start.y}C${c[0].x} ${c[0].y} ${c[1].x} ${c[1].y} ${to.x} ${to.y}`;
  for (const path of [halo, stroke]) set(path, "d", d(neck));
  set(reach, "d", d(end));
  set(stroke, "stroke-width", width);
  set(halo, "stroke-width", width + 7);
  const side = { x: -direction.y * size * 0.62, y: direction.x * size * 0.62 };
  set(
    head,
    "d",
    `M${end.x} ${end.y}L${neck.x + side.x} ${neck.y + side.y}L${neck.x - side.x} ${neck.y - side.y}Z`,
  );
  set(element, "data-place", arrow.place);
  set(element, "data-idle", arrow.requestsPerSecond < 0.05);
  set(element, "data-failing", arrow.errorsPerSecond > 0.05);
  const words = `${sentence(arrow)} Why?`;
  set(element, "aria-label", words);
  say(title, words);
}

function newLabel() {
  return s(
    "g",
    { class: "label" },
    s("rect", { rx: 7, height: 16 }),
    s("text", { y: 12, "text-anchor": "middle" }),
  );
}

function placeLabel(element, arrow, plan, most) {
  const { label } = plan.arrows.get(arrow.id);
  const [rect, text] = element.children;
  const words = rate(arrow.requestsPerSecond) + (plan.units ? "/s" : "");
  const width = words.length * (plan.narrow ? 6 : 6.6) + 9;
  const shift = label.anchor === "start" ? width / 2 + widthOf(arrow, most, plan.narrow) / 2 : 0;
  set(element, "transform", `translate(${Math.round(label.x + shift)} ${Math.round(label.y - 8)})`);
  set(element, "data-place", arrow.place);
  set(rect, "x", -width / 2);
  set(rect, "width", width);
  say(text, words);
}
