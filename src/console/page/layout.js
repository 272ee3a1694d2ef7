/** Where everything stands in the picture. Pure: numbers in, numbers out. */

const BOX = 54;
const HEAD = 50;

/** Sizes for a width: a phone has no room to spare, a desk has. */
function sizesOf(width, clusters) {
  const room = Math.min(1, Math.max(0, (width - 340) / 460));
  const between = (least, most) => Math.round(least + room * (most - least));
  const gap = between(44, 190);
  const column = (width - gap * (clusters - 1)) / clusters;
  const [outer, inner] = [between(37, 88), between(7, 32)];
  return {
    gap,
    column,
    outer,
    inner,
    row: between(92, 98),
    narrow: column - outer - inner < 165,
    units: gap > 80,
  };
}

/**
 * A column for each cluster, a row for each service, the same row in all clusters: arrows that stay go down or along the
 * outer side, arrows that cross are between the columns.
 */
export function layout({ clusters, boxes, arrows }, width) {
  const sizes = sizesOf(width, clusters.length);
  const rows = rowsOf(boxes, arrows);
  const height = HEAD + rows.size * sizes.row - (sizes.row - BOX) + 18;
  const columns = clusters.map((id, index) => ({
    id,
    x: index * (sizes.column + sizes.gap),
    y: 0,
    w: sizes.column,
    h: height,
    // The side on which arrows that stay pass other boxes.
    outer: index < clusters.length / 2 ? "left" : "right",
  }));
  const byCluster = new Map(columns.map((column) => [column.id, column]));
  const placed = new Map(
    boxes.map((box) => [box.id, placeBox(box, byCluster.get(box.cluster), rows, sizes)]),
  );
  const drawn = arrows.filter(({ from, to }) => placed.has(from) && placed.has(to) && from !== to);
  return {
    width,
    height: height + 2,
    narrow: sizes.narrow,
    units: sizes.units,
    columns,
    boxes: placed,
    arrows: route(drawn, placed, sizes),
  };
}

/** What is called comes below its callers, as near as can be; then by name. What nobody calls comes last. */
function rowsOf(boxes, arrows) {
  const service = new Map(boxes.map(({ id, namespace, name }) => [id, `${namespace}/${name}`]));
  const calls = new Map([...service.values()].sort().map((name) => [name, new Set()]));
  for (const { from, to } of arrows) if (service.has(to)) calls.get(service.get(from))?.add(service.get(to));
  const order = callersFirst(calls);
  const rank = new Map([...order.keys()].map((name) => [name, 0]));
  for (const [name, place] of order) {
    for (const callee of calls.get(name)) {
      if (order.get(callee) > place) rank.set(callee, Math.max(rank.get(callee), rank.get(name) + 1));
    }
  }
  const called = new Set([...calls.values()].flatMap((callees) => [...callees]));
  for (const [name, callees] of calls) if (callees.size === 0 && !called.has(name)) rank.set(name, Infinity);
  const sorted = [...rank.keys()].sort((a, b) =>
    rank.get(a) === rank.get(b) ? (a < b ? -1 : 1) : rank.get(a) - rank.get(b),
  );
  return new Map(sorted.map((name, row) => [name, row]));
}

/** Services in an order in which callers come before what they call, but for calls in a circle; with their place in it. */
function callersFirst(calls) {
  const order = [];
  const seen = new Set();
  const visit = (name) => {
    if (seen.has(name)) return;
    seen.add(name);
    for (const callee of calls.get(name)) visit(callee);
    order.unshift(name);
  };
  for (const name of calls.keys()) visit(name);
  return new Map(order.map((name, place) => [name, place]));
}

function placeBox(box, column, rows, { outer, inner, row: height }) {
  const row = rows.get(`${box.namespace}/${box.name}`);
  return {
    x: column.x + (column.outer === "left" ? outer : inner),
    y: HEAD + row * height,
    w: column.w - outer - inner,
    h: BOX,
    row,
    column,
  };
}

/** The way of each arrow: a cubic curve, and the direction in which it ends. */
function route(arrows, placed, sizes) {
  const ways = arrows.map((arrow) => ({ arrow, from: placed.get(arrow.from), to: placed.get(arrow.to) }));
  const ports = portsOf(ways);
  return new Map(ways.map((way) => [way.arrow.id, curve(way, ports, sizes)]));
}

/** How an arrow leaves and arrives: the sides of its boxes. */
function sidesOf({ from, to }) {
  if (from.column !== to.column) return from.column.x < to.column.x ? ["right", "left"] : ["left", "right"];
  if (to.row === from.row + 1) return ["bottom", "top"];
  return [from.column.outer, from.column.outer];
}

/** Arrows at the same side of a box share it, in the order of what is at their other ends. */
function portsOf(ways) {
  const bySide = new Map();
  for (const way of ways) {
    const [leaves, arrives] = sidesOf(way);
    const note = (box, side, other, end) => {
      const ends = bySide.get(box)?.get(side) ?? [];
      ends.push({ way, end, other });
      if (!bySide.has(box)) bySide.set(box, new Map());
      bySide.get(box).set(side, ends);
    };
    note(way.from, leaves, way.to, "from");
    note(way.to, arrives, way.from, "to");
  }
  const ports = new Map();
  for (const sides of bySide.values()) {
    for (const ends of sides.values()) {
      ends.sort((a, b) => a.other.y - b.other.y || a.other.x - b.other.x || (a.end < b.end ? 1 : -1));
      ends.forEach(({ way, end }, index) =>
        ports.set(`${end} ${way.arrow.id}`, (index + 1) / (ends.length + 1)),
      );
    }
  }
  return ports;
}

function curve(way, ports, sizes) {
  const { arrow, from, to } = way;
  const [leaves, arrives] = sidesOf(way);
  const start = at(from, leaves, ports.get(`from ${arrow.id}`));
  const end = at(to, arrives, ports.get(`to ${arrow.id}`));
  if (leaves === "bottom") {
    const y = (start.y + end.y) / 2;
    const c = [
      { x: start.x, y },
      { x: end.x, y },
    ];
    return { start, c, end, direction: { x: 0, y: 1 }, label: { x: start.x + 10, y, anchor: "start" } };
  }
  if (leaves === arrives) {
    const out = leaves === "left" ? -1 : 1;
    const bow = Math.min((sizes.outer - 8) / 0.75, 30 + 16 * Math.abs(to.row - from.row)) * out;
    const c = [
      { x: start.x + bow, y: start.y },
      { x: end.x + bow, y: end.y },
    ];
    // Not beyond the column, where it would be cut off.
    const label = {
      x: start.x + Math.max(-sizes.outer + 16, Math.min(sizes.outer - 16, bow * 0.75)),
      y: (start.y + end.y) / 2,
      anchor: "middle",
    };
    return { start, c, end, direction: { x: -out, y: 0 }, label };
  }
  const reach = (end.x - start.x) * 0.5;
  const c = [
    { x: start.x + reach, y: start.y },
    { x: end.x - reach, y: end.y },
  ];
  return {
    start,
    c,
    end,
    direction: { x: Math.sign(reach), y: 0 },
    label: { ...along(start, c, end, 0.8), anchor: "middle" },
  };
}

function at({ x, y, w, h }, side, share) {
  if (side === "left") return { x, y: y + h * share };
  if (side === "right") return { x: x + w, y: y + h * share };
  return { x: x + w * (0.25 + share * 0.5), y: side === "top" ? y : y + h };
}

/** A point of a cubic Bézier curve. */
function along(start, [a, b], end, t) {
  const u = 1 - t;
  const mix = (axis) =>
    u ** 3 * start[axis] + 3 * u * u * t * a[axis] + 3 * u * t * t * b[axis] + t ** 3 * end[axis];
  return { x: mix("x"), y: mix("y") };
}
