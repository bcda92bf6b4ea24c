// Drawing: the scene of everything below, the marks of what is pointed at or chosen above.

const scene = document.getElementById("scene");
const marks = document.getElementById("marks");
const view = { x: 0, y: 0, zoom: 1, width: 0, height: 0 };
const MOST_LABELS = 160;
const PATH = 256; // edges a path: one path of many thousand strokes is slow to fill
const night = matchMedia("(prefers-color-scheme: dark)");
let colours = {};

function readColours() {
  const style = getComputedStyle(document.documentElement);
  const value = (name) => style.getPropertyValue(name).trim();
  const dark = night.matches;
  const hues = [212, 24, 150, 318, 48, 186, 268, 4, 96, 236, 340, 168];
  const hue = (i) => (i < hues.length ? hues[i] : (i * 137.5 + 60) % 360);
  colours = {
    paper: value("--paper"), ink: value("--ink"), soft: value("--soft"), giver: value("--giver"), taker: value("--taker"),
    domain: data.domains.map((_, i) => `hsl(${hue(i)} ${dark ? 58 : 60}% ${(dark ? 64 : 44) + (Math.floor(i / 12) % 3) * 6}%)`),
    room: data.domains.map((_, i) => `hsl(${hue(i)} 45% 50% / ${dark ? 0.1 : 0.075})`),
    method: data.methods.map((_, i) => `hsl(${[215, 28, 150, 300, 50, 190][i % 6]} ${dark ? "34% 62%" : "38% 46%"})`),
  };
}

const toScreen = (x, y) => [(x - view.x) * view.zoom + view.width / 2, (y - view.y) * view.zoom + view.height / 2];
const toPicture = (x, y) => [(x - view.width / 2) / view.zoom + view.x, (y - view.height / 2) / view.zoom + view.y];

function prepare(canvas) {
  const scale = Math.min(window.devicePixelRatio || 1, 2);
  const [width, height] = [Math.round(view.width * scale), Math.round(view.height * scale)];
  if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
  const pen = canvas.getContext("2d");
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, view.width, view.height);
  return pen;
}

function visiblePart(margin) {
  const [left, top] = toPicture(-margin, -margin);
  const [right, bottom] = toPicture(view.width + margin, view.height + margin);
  return { left, top, right, bottom };
}

/** The middle of an edge's bow: opposite edges bow to opposite sides. */
function bowOf(edge) {
  const { giver, taker } = edge;
  return [(giver.x + taker.x) / 2 + (taker.y - giver.y) * 0.12, (giver.y + taker.y) / 2 - (taker.x - giver.x) * 0.12];
}

function crosses(edge, part) {
  const { giver: a, taker: b } = edge;
  return Math.max(a.x, b.x) >= part.left && Math.min(a.x, b.x) <= part.right
    && Math.max(a.y, b.y) >= part.top && Math.min(a.y, b.y) <= part.bottom;
}

function drawRooms(pen) {
  for (const [i, [x, y, radius]] of data.discs.entries()) {
    if (!filter.domains.has(i)) continue;
    const [sx, sy] = toScreen(x, y);
    pen.fillStyle = colours.room[i];
    pen.beginPath();
    pen.arc(sx, sy, radius * view.zoom, 0, 7);
    pen.fill();
  }
}

function traceEdge(pen, edge) {
  const [ax, ay] = toScreen(edge.giver.x, edge.giver.y);
  const [bx, by] = toScreen(edge.taker.x, edge.taker.y);
  pen.moveTo(ax, ay);
  if (Math.abs(ax - bx) + Math.abs(ay - by) < 24) pen.lineTo(bx, by);
  else pen.quadraticCurveTo(...toScreen(...bowOf(edge)), bx, by);
}

/** All edges of the visible part, one colour a method; of parallel ones the surest stands for all. */
function drawEdges(pen) {
  const part = visiblePart(0);
  const waiting = data.methods.map(() => []);
  const least = 3 / view.zoom;
  for (const edge of edges) {
    if (!edge.shown || edge.hidden || !crosses(edge, part)) continue;
    if (Math.abs(edge.giver.x - edge.taker.x) + Math.abs(edge.giver.y - edge.taker.y) < least) continue;
    waiting[edge.method].push(edge);
  }
  const drawn = waiting.reduce((sum, some) => sum + some.length, 0);
  pen.lineWidth = Math.max(0.5, Math.min(1.3, 0.9 * Math.sqrt(view.zoom)));
  pen.globalAlpha = Math.max(0.13, Math.min(0.55, 26 / Math.sqrt(drawn + 1)));
  for (const [method, some] of waiting.entries()) {
    pen.strokeStyle = colours.method[method];
    for (let start = 0; start < some.length; start += PATH) {
      pen.beginPath();
      for (const edge of some.slice(start, start + PATH)) traceEdge(pen, edge);
      pen.stroke();
    }
  }
  pen.globalAlpha = 1;
}

/** Parallel edges lie upon each other: the surest that the filters leave is drawn. */
function chooseEdges() {
  const best = new Map();
  for (const edge of edges) {
    edge.hidden = true;
    const pair = edge.giver.index * tools.length + edge.taker.index;
    const known = best.get(pair);
    if (edge.shown && edge.giver !== edge.taker && (!known || known.score < edge.score)) best.set(pair, edge);
  }
  for (const edge of best.values()) edge.hidden = false;
}

const sizeOf = (tool) => Math.max(1.6, tool.radius * Math.min(1.5, Math.max(view.zoom, 0.28)));

function traceTool(pen, tool, x, y, size) {
  if (EFFECTS[tool.effect] === "write") {
    pen.rect(x - size * 0.86, y - size * 0.86, size * 1.72, size * 1.72);
  } else {
    pen.moveTo(x + size, y);
    pen.arc(x, y, size, 0, 7);
  }
}

function paintTool(pen, tool) {
  const [x, y] = toScreen(tool.x, tool.y);
  const size = sizeOf(tool);
  pen.beginPath();
  traceTool(pen, tool, x, y, size);
  pen.fillStyle = EFFECTS[tool.effect] === "unknown" ? colours.paper : colours.domain[tool.domain];
  pen.fill();
  if (size > 2.5) {
    pen.lineWidth = EFFECTS[tool.effect] === "unknown" ? 1.6 : 1;
    pen.strokeStyle = EFFECTS[tool.effect] === "unknown" ? colours.domain[tool.domain] : colours.paper;
    pen.stroke();
  }
}

function visibleTools(margin) {
  const part = visiblePart(margin);
  return byDegree.filter((tool) => tool.shown
    && tool.x >= part.left && tool.x <= part.right && tool.y >= part.top && tool.y <= part.bottom);
}

/** Remembers what is written where, so that no text lies upon another. */
class Places {
  constructor() { this.taken = []; }

  free(x, y, width, height) {
    const box = [x, y, x + width, y + height];
    if (this.taken.some((o) => box[0] < o[2] && box[2] > o[0] && box[1] < o[3] && box[3] > o[1])) return false;
    this.taken.push(box);
    return true;
  }

  /** Nothing is written over a tool, if there are few. */
  keep(x, y, size) { this.taken.push([x - size, y - size, x + size, y + size]); }
}

const MONO = "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace";
const cut = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

function write(pen, text, x, y, colour) {
  pen.lineWidth = 3;
  pen.lineJoin = "round";
  pen.strokeStyle = colours.paper;
  pen.strokeText(text, x, y);
  pen.fillStyle = colour;
  pen.fillText(text, x, y);
}

function drawRoomNames(pen, places) {
  pen.textAlign = "center";
  const order = [...data.discs.entries()].sort((a, b) => b[1][2] - a[1][2]);
  for (const [i, [x, y, radius]] of order) {
    if (!filter.domains.has(i) || radius * view.zoom < 17) continue;
    const size = Math.max(10.5, Math.min(17, radius * view.zoom * 0.13));
    pen.font = `600 ${size}px system-ui, sans-serif`;
    const text = cut(data.domains[i].replaceAll("_", " "), 40);
    const [sx, sy] = toScreen(x, y - radius);
    const width = pen.measureText(text).width;
    if (sx + width < 0 || sx - width > view.width || sy < -20 || sy > view.height + 20) continue;
    if (places.free(sx - width / 2, sy - size, width, size * 1.3)) write(pen, text, sx, sy, colours.domain[i]);
  }
  pen.textAlign = "left";
}

/** Write to the right of a tool, or to the left, below, above: where there is room, if anywhere. */
function writeBeside(pen, tool, text, places) {
  const [x, y] = toScreen(tool.x, tool.y);
  const [gap, width] = [sizeOf(tool) + 3, text.length * 6.7];
  const sides = [[x + gap, y], [x - gap - width, y], [x - width / 2, y + gap + 6], [x - width / 2, y - gap - 6]];
  const side = sides.find(([left, middle]) => places.free(left, middle - 6, width, 12));
  if (side) write(pen, text, side[0], side[1] + 4, colours.ink);
  return Boolean(side);
}

function drawNames(pen, some, places) {
  pen.font = `11px ${MONO}`;
  let count = 0;
  if (some.length < 500) for (const tool of some) places.keep(...toScreen(tool.x, tool.y), sizeOf(tool));
  for (const tool of some) {
    if (count >= MOST_LABELS) return;
    if (view.zoom < 0.55 && (view.zoom < 0.2 || tool.degree < 6)) continue;
    if (!writeBeside(pen, tool, cut(tool.name, 28), places)) continue;
    count++;
  }
}

function drawScene() {
  const pen = prepare(scene);
  const places = new Places();
  const some = visibleTools(20);
  drawRooms(pen);
  drawEdges(pen);
  for (let i = some.length - 1; i >= 0; i--) paintTool(pen, some[i]);
  drawRoomNames(pen, places);
  drawNames(pen, some, places);
}

function drawArrow(pen, edge, colour, width) {
  const [ax, ay] = toScreen(edge.giver.x, edge.giver.y);
  const [cx, cy] = toScreen(...bowOf(edge));
  const [bx, by] = toScreen(edge.taker.x, edge.taker.y);
  const length = Math.hypot(bx - cx, by - cy) || 1;
  const [ux, uy] = [(bx - cx) / length, (by - cy) / length];
  const size = sizeOf(edge.taker) + 1;
  const [tx, ty] = [bx - ux * size, by - uy * size];
  pen.strokeStyle = pen.fillStyle = colour;
  pen.lineWidth = width;
  pen.beginPath();
  pen.moveTo(ax, ay);
  pen.quadraticCurveTo(cx, cy, tx - ux * 5, ty - uy * 5);
  pen.stroke();
  pen.beginPath();
  pen.moveTo(tx, ty);
  pen.lineTo(tx - ux * 8 - uy * 3.6, ty - uy * 8 + ux * 3.6);
  pen.lineTo(tx - ux * 8 + uy * 3.6, ty - uy * 8 - ux * 3.6);
  pen.fill();
}

/** What an edge carries, beside its middle; only for a chosen tool, and only where there is room. */
function drawEdgeLabels(pen, some, places) {
  pen.font = `11px ${MONO}`;
  pen.textAlign = "center";
  for (const edge of some) {
    const [x, y] = toScreen(...bowOf(edge));
    const text = cut(`${edge.path} → ${edge.parameter}`, 44);
    if (places.free(x - text.length * 3.4, y - 7, text.length * 6.8, 14)) write(pen, text, x, y + 4, colours.soft);
  }
  pen.textAlign = "left";
}

function drawTitle(pen, tool, places) {
  const [x, y] = toScreen(tool.x, tool.y);
  const size = sizeOf(tool);
  pen.beginPath();
  pen.arc(x, y, size + 4, 0, 7);
  pen.lineWidth = 2;
  pen.strokeStyle = colours.ink;
  pen.stroke();
  pen.font = `600 12.5px ${MONO}`;
  places.free(x + size + 6, y - 8, pen.measureText(tool.name).width, 16);
  write(pen, tool.name, x + size + 8, y + 4, colours.ink);
}

/** The tool that is pointed at, or else the chosen one, with all that it is joined to. */
function drawMarks(tool, chosen) {
  const pen = prepare(marks);
  scene.classList.toggle("dim", Boolean(tool));
  if (!tool) return;
  const places = new Places();
  const joined = [...tool.incoming, ...tool.outgoing].filter((edge) => edge.shown && edge.giver !== edge.taker);
  const around = new Set(joined.map((edge) => (edge.giver === tool ? edge.taker : edge.giver)));
  for (const edge of joined) {
    if (!edge.hidden) drawArrow(pen, edge, edge.taker === tool ? colours.giver : colours.taker, 0.8 + edge.score);
  }
  for (const other of around) paintTool(pen, other);
  paintTool(pen, tool);
  drawTitle(pen, tool, places);
  drawNeighbourNames(pen, around, places);
  if (chosen) drawEdgeLabels(pen, joined.filter((edge) => !edge.hidden), places);
}

function drawNeighbourNames(pen, around, places) {
  pen.font = `11px ${MONO}`;
  for (const tool of [...around].sort((a, b) => b.degree - a.degree).slice(0, MOST_LABELS)) {
    writeBeside(pen, tool, cut(tool.name, 34), places);
  }
}
