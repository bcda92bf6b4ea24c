"use strict";
// The graph as the page holds it: tools and edges, what the filters leave of them, where they stand.

const data = JSON.parse(document.getElementById("data").textContent);
const EFFECTS = ["read", "write", "unknown"];

const tools = data.tools.map(([name, domain, effect, x, y, description, parameters, returns], index) => ({
  name, domain, effect, x, y, description, parameters, returns, index, incoming: [], outgoing: [], shown: true,
}));
const edges = data.edges.map(([giver, taker, path, parameter, score, method, evidence, model, ran]) => ({
  giver: tools[giver], taker: tools[taker], path, parameter, score, method, evidence, model, ran, shown: true,
}));
for (const edge of edges) {
  edge.giver.outgoing.push(edge);
  edge.taker.incoming.push(edge);
}
const byName = new Map(tools.map((tool) => [tool.name, tool]));
for (const tool of tools) {
  tool.degree = new Set([...tool.incoming.map((e) => e.giver), ...tool.outgoing.map((e) => e.taker)]).size;
  tool.radius = 4 + Math.min(9, Math.sqrt(tool.degree) * 1.15);
  tool.words = tool.name.toLowerCase();
  tool.text = tool.description.toLowerCase();
}
const byDegree = [...tools].sort((a, b) => b.degree - a.degree || a.index - b.index);

const filter = { score: 0, methods: new Set(data.methods.keys()), domains: new Set(data.domains.keys()) };

/** Decide what is shown, and count it. */
function applyFilter() {
  for (const tool of tools) tool.shown = filter.domains.has(tool.domain);
  for (const edge of edges) {
    edge.shown = edge.giver.shown && edge.taker.shown && edge.score >= filter.score && filter.methods.has(edge.method);
  }
  const count = (all) => all.reduce((sum, one) => sum + one.shown, 0);
  return { tools: count(tools), edges: count(edges) };
}

/** Tools whose name or description has the words, the best first. */
function findTools(query, most) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return [];
  const rank = (tool) => {
    if (tool.words === words.join("_")) return 0;
    if (words.every((word) => tool.words.includes(word))) return tool.words.startsWith(words[0]) ? 1 : 2;
    return words.every((word) => tool.words.includes(word) || tool.text.includes(word)) ? 3 : 4;
  };
  return byDegree.map((tool) => [rank(tool), tool]).filter(([found]) => found < 4)
    .sort((a, b) => a[0] - b[0]).slice(0, most).map(([, tool]) => tool);
}

const CELL = 60;
const cells = new Map();
for (const tool of tools) {
  const key = `${Math.floor(tool.x / CELL)},${Math.floor(tool.y / CELL)}`;
  if (!cells.has(key)) cells.set(key, []);
  cells.get(key).push(tool);
}

/** The shown tool nearest to a place of the picture, at most `reach` beyond its rim. */
function toolAt(x, y, reach) {
  const [column, row, far] = [Math.floor(x / CELL), Math.floor(y / CELL), Math.ceil((reach + 13) / CELL)];
  if (far > 8) return null;
  let [best, least] = [null, reach];
  for (let i = column - far; i <= column + far; i++) {
    for (let j = row - far; j <= row + far; j++) {
      for (const tool of cells.get(`${i},${j}`) || []) {
        const gap = Math.hypot(tool.x - x, tool.y - y) - tool.radius;
        if (tool.shown && gap < least) [best, least] = [tool, gap];
      }
    }
  }
  return best;
}
