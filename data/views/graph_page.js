// What the reader does: move, point, choose, search, filter; and the address that remembers it.

const $ = (id) => document.getElementById(id);
let chosen = null;
let pointed = null;
let awaited = false;

/** Draw in the next frame, once however often it was asked for. */
function redraw() {
  if (awaited) return;
  awaited = true;
  requestAnimationFrame(() => {
    awaited = false;
    drawScene();
    drawMarks(pointed || chosen, Boolean(chosen) && (!pointed || pointed === chosen));
  });
}

function element(kind, attributes, ...children) {
  const made = document.createElement(kind);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name === "tint") made.style.background = value;
    else if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

// The panel

function linkTo(tool) {
  const link = element("a", { href: `#${addressOf(tool)}`, class: "name" }, tool.name);
  link.addEventListener("mouseenter", () => { pointed = tool.shown ? tool : null; redraw(); });
  link.addEventListener("mouseleave", () => { pointed = null; redraw(); });
  return link;
}

function edgeItem(edge, other) {
  const score = element("span", { class: "score", title: data.methods[edge.method] },
    element("i", { tint: colours.method[edge.method] }), `${data.methods[edge.method]} ${edge.score.toFixed(2)}`);
  const item = element("li", {}, score, linkTo(other), element("span", { class: "via" }, `${edge.path} → ${edge.parameter}`));
  if (edge.evidence) item.append(element("span", { class: "why" }, edge.evidence));
  if (edge.model) item.append(element("span", { class: "why" }, `${edge.model[2]} gives ${edge.model[0]} of 9: ${edge.model[1]}`));
  if (edge.ran !== null) item.append(element("span", { class: "why" }, edge.ran ? "a call with the value ran" : "no call with the value ran"));
  return item;
}

function edgeList(title, some, otherOf) {
  const ranked = some.filter((edge) => edge.shown).sort((a, b) => b.score - a.score);
  const away = some.length - ranked.length;
  const list = element("ul", { class: "edges" });
  const more = element("button", { class: "more", type: "button" });
  const grow = () => {
    const next = ranked.slice(list.children.length, list.children.length + 30);
    list.append(...next.map((edge) => edgeItem(edge, otherOf(edge))));
    more.textContent = `${ranked.length - list.children.length} more`;
    more.hidden = list.children.length === ranked.length;
  };
  more.addEventListener("click", grow);
  grow();
  const heading = element("h3", {}, `${title} · ${ranked.length}${away ? ` (${away} filtered out)` : ""}`);
  return [heading, list, more];
}

function parameterItem([name, type, required, description]) {
  const item = element("li", { class: required ? "" : "optional" }, element("span", { class: "name" }, name));
  item.append(element("small", {}, type), ...(required ? [element("small", { class: "required" }, "required")] : []));
  if (description) item.title = description;
  return item;
}

function fillPanel(tool) {
  const panel = $("panel");
  panel.replaceChildren(
    element("button", { class: "close", type: "button", "aria-label": "Close", onclick: () => choose(null) }, "×"),
    element("h2", { id: "chosen" }, tool.name),
    element("span", { class: "chip" }, element("i", { tint: colours.domain[tool.domain] }), data.domains[tool.domain]),
    element("span", { class: "chip" }, EFFECTS[tool.effect]),
    element("span", { class: "chip" }, tool.returns ? `result from ${tool.returns}` : "no result schema"));
  if (tool.description) panel.append(element("p", { class: "description" }, tool.description));
  panel.append(element("h3", {}, `Parameters · ${tool.parameters.length}`),
    element("ul", { class: "parameters" }, ...tool.parameters.map(parameterItem)),
    ...edgeList("Fed by", tool.incoming, (edge) => edge.giver), ...edgeList("Feeds", tool.outgoing, (edge) => edge.taker));
  panel.scrollTop = 0;
}

function showPanel() {
  $("panel").hidden = !chosen;
  $("app").classList.toggle("open", Boolean(chosen));
  if (chosen) fillPanel(chosen);
}

// The address: what is chosen and what is filtered

function addressOf(tool) {
  const state = new URLSearchParams();
  if (tool) state.set("tool", tool.name);
  if (filter.score) state.set("score", filter.score);
  const some = (key, kept, all) => {
    if (kept.size < all.length) state.set(key, [...kept].map((i) => encodeURIComponent(all[i])).join(","));
  };
  some("methods", filter.methods, data.methods);
  some("domains", filter.domains, data.domains);
  return state.toString();
}

function remember() {
  const address = addressOf(chosen);
  if (location.hash.slice(1) !== address) history.replaceState(null, "", address ? `#${address}` : location.pathname + location.search);
}

function decoded(text) {
  try { return decodeURIComponent(text); } catch { return text; }
}

function readAddress() {
  const state = new URLSearchParams(location.hash.slice(1));
  const some = (key, all) => {
    const names = state.has(key) ? new Set(state.get(key).split(",").map(decoded)) : null;
    return new Set([...all.keys()].filter((i) => !names || names.has(all[i])));
  };
  filter.score = Math.min(1, Math.max(0, Number(state.get("score")) || 0));
  filter.methods = some("methods", data.methods);
  filter.domains = some("domains", data.domains);
  showFilters();
  refilter();
  choose(byName.get(state.get("tool")) || null, true);
}

// Choosing and moving

function choose(tool, move) {
  chosen = tool;
  pointed = null;
  if (tool && !tool.shown) {
    filter.domains.add(tool.domain);
    showFilters();
    refilter();
  }
  showPanel();
  remember();
  if (tool && move) bringIntoView(tool);
  redraw();
}

const sides = () => {
  const wide = view.width > 720;
  return { left: wide ? 296 : 20, right: wide && chosen ? 390 : 20 };
};

/** Show a box of the picture in the part of the window that no panel covers. */
function show(left, top, right, bottom, most) {
  const { left: from, right: to } = sides();
  const room = Math.max(120, view.width - from - to);
  view.zoom = Math.max(0.02, Math.min(most, room / (right - left), (view.height - 40) / (bottom - top)));
  view.x = (left + right) / 2 + (to - from) / 2 / view.zoom;
  view.y = (top + bottom) / 2;
  redraw();
}

function bringIntoView(tool) {
  const around = [tool, ...tool.incoming.filter((e) => e.shown).map((e) => e.giver), ...tool.outgoing.filter((e) => e.shown).map((e) => e.taker)];
  const near = around.filter((other) => other.domain === tool.domain);
  const [xs, ys] = [near.map((one) => one.x), near.map((one) => one.y)];
  show(Math.min(...xs) - 90, Math.min(...ys) - 60, Math.max(...xs) + 190, Math.max(...ys) + 60, 1.25);
}

function showWhole() {
  const some = data.discs.filter((_, i) => filter.domains.has(i));
  if (!some.length) return;
  const edge = (sign, axis) => some.map((disc) => disc[axis] + sign * disc[2]);
  show(Math.min(...edge(-1, 0)), Math.min(...edge(-1, 1)) - 20, Math.max(...edge(1, 0)), Math.max(...edge(1, 1)), 1.6);
}

function zoomBy(factor, x = view.width / 2, y = view.height / 2) {
  const [px, py] = toPicture(x, y);
  view.zoom = Math.max(0.02, Math.min(6, view.zoom * factor));
  view.x = px - (x - view.width / 2) / view.zoom;
  view.y = py - (y - view.height / 2) / view.zoom;
  redraw();
}

const fingers = new Map();
let travelled = 0;

marks.addEventListener("pointerdown", (event) => {
  marks.setPointerCapture(event.pointerId);
  fingers.set(event.pointerId, [event.clientX, event.clientY]);
  travelled = fingers.size > 1 ? 99 : 0;
  marks.classList.add("grabbing");
});

marks.addEventListener("pointermove", (event) => {
  const from = fingers.get(event.pointerId);
  if (!from) { point(event); return; }
  const other = [...fingers].find(([id]) => id !== event.pointerId);
  const to = [event.clientX, event.clientY];
  if (other) {
    const gap = ([x, y]) => Math.hypot(x - other[1][0], y - other[1][1]) || 1;
    zoomBy(gap(to) / gap(from), (to[0] + other[1][0]) / 2, (to[1] + other[1][1]) / 2);
  } else {
    view.x -= (to[0] - from[0]) / view.zoom;
    view.y -= (to[1] - from[1]) / view.zoom;
  }
  travelled += Math.hypot(to[0] - from[0], to[1] - from[1]);
  fingers.set(event.pointerId, to);
  redraw();
});

function release(event) {
  const known = fingers.delete(event.pointerId);
  marks.classList.toggle("grabbing", fingers.size > 0);
  if (known && event.type === "pointerup" && travelled < 5) choose(toolAt(...toPicture(event.clientX, event.clientY), 7 / view.zoom));
}
marks.addEventListener("pointerup", release);
marks.addEventListener("pointercancel", release);

function point(event) {
  const tool = toolAt(...toPicture(event.clientX, event.clientY), 5 / view.zoom);
  marks.classList.toggle("over", Boolean(tool));
  if (tool === pointed) return;
  pointed = tool;
  redraw();
}
marks.addEventListener("pointerleave", () => { pointed = null; redraw(); });
marks.addEventListener("wheel", (event) => {
  event.preventDefault();
  const pixels = event.deltaY * (event.deltaMode === 1 ? 16 : 1);
  zoomBy(Math.exp(-Math.max(-120, Math.min(120, pixels)) * 0.0022), event.clientX, event.clientY);
}, { passive: false });
$("closer").addEventListener("click", () => zoomBy(1.4));
$("farther").addEventListener("click", () => zoomBy(1 / 1.4));
$("whole").addEventListener("click", showWhole);

// Search

let found = [];
let current = -1;

function suggest() {
  const query = $("query").value;
  found = findTools(query, 12);
  current = found.length ? 0 : -1;
  const items = found.map((tool, i) => element("li", { role: "option", id: `found-${i}`, onpointerdown: (event) => { event.preventDefault(); take(tool); } },
    element("span", { class: "name" }, tool.name), element("small", {}, `${data.domains[tool.domain]} · ${cut(tool.description, 90)}`)));
  if (query.trim() && !found.length) items.push(element("li", { class: "none" }, "no tool has these words"));
  $("found").replaceChildren(...items);
  $("found").hidden = !items.length;
  $("query").setAttribute("aria-expanded", String(found.length > 0));
  showCurrent();
}

function showCurrent() {
  for (const [i, item] of [...$("found").children].entries()) {
    item.setAttribute("aria-selected", String(i === current));
    if (i === current) item.scrollIntoView({ block: "nearest" });
  }
  if (current >= 0) $("query").setAttribute("aria-activedescendant", `found-${current}`);
  else $("query").removeAttribute("aria-activedescendant");
}

function closeSearch() {
  $("found").hidden = true;
  $("query").setAttribute("aria-expanded", "false");
}

function take(tool) {
  $("query").value = "";
  closeSearch();
  $("query").blur();
  choose(tool, true);
}

$("query").addEventListener("input", suggest);
$("query").addEventListener("focus", suggest);
$("query").addEventListener("blur", closeSearch);
$("query").addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (found.length) current = (current + (event.key === "ArrowDown" ? 1 : found.length - 1)) % found.length;
    showCurrent();
  } else if (event.key === "Enter" && found[current]) take(found[current]);
});
document.addEventListener("keydown", (event) => {
  const typing = event.target === $("query");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    $("query").focus();
  } else if (event.key === "Escape" && typing) {
    $("query").value = "";
    $("query").blur();
  } else if (event.key === "Escape") choose(null);
});

// Filters

const plain = (count) => count.toLocaleString("en");

function refilter() {
  const counts = applyFilter();
  chooseEdges();
  const of = (shown, all, what) => `${shown === all ? "" : `${plain(shown)} of `}${plain(all)} ${what}${all === 1 ? "" : "s"}`;
  $("counts").textContent = `${of(counts.tools, tools.length, "tool")} · ${of(counts.edges, edges.length, "edge")}`;
  $("least-shown").textContent = filter.score.toFixed(2);
}

function changed() {
  refilter();
  if (chosen && !chosen.shown) chosen = null;
  showPanel();
  remember();
  redraw();
}

function choice(kept, i, name, count, mark, jump) {
  const box = element("input", { type: "checkbox" });
  box.checked = kept.has(i);
  box.addEventListener("change", () => { kept[box.checked ? "add" : "delete"](i); changed(); });
  const tail = jump
    ? element("button", { type: "button", title: `Go to ${name}`, onclick: (event) => { event.preventDefault(); jump(); } }, plain(count))
    : element("small", {}, plain(count));
  return element("label", { class: "choice", title: name }, box, mark, element("span", {}, name), tail);
}

function showFilters() {
  const tally = (all, some, key) => {
    const counts = all.map(() => 0);
    for (const one of some) counts[one[key]]++;
    return counts;
  };
  $("score").value = filter.score;
  const methods = tally(data.methods, edges, "method");
  $("methods").replaceChildren(...data.methods.map((name, i) =>
    choice(filter.methods, i, name, methods[i], element("i", { class: "stroke", tint: colours.method[i] }))));
  const domains = tally(data.domains, tools, "domain");
  const goTo = ([x, y, r]) => show(x - r, y - r - 20, x + r, y + r, 1.6);
  $("domains").replaceChildren(...data.domains.map((name, i) =>
    choice(filter.domains, i, name, domains[i], element("i", { tint: colours.domain[i] }), () => goTo(data.discs[i]))));
}

function setDomains(kept) {
  filter.domains = new Set(kept);
  showFilters();
  changed();
}
$("all-domains").addEventListener("click", () => setDomains(data.domains.keys()));
$("no-domains").addEventListener("click", () => setDomains([]));
$("score").addEventListener("input", (event) => { filter.score = Number(event.target.value); changed(); });

// Beginning

function showLegend() {
  const entry = (kind, text) => element("span", {}, element("i", { class: kind }), text);
  const arrow = (tint, text) => element("span", {}, element("i", { tint }), text);
  $("legend").replaceChildren(entry("read", "reads"), entry("write", "writes"), entry("unknown", "not known"),
    arrow(colours.giver, "gives to it"), arrow(colours.taker, "takes from it"), element("span", {}, "larger: more neighbours"));
}

function resize() {
  [view.width, view.height] = [window.innerWidth, window.innerHeight];
  redraw();
}

function begin() {
  $("app").hidden = false;
  $("filters").open = window.innerWidth > 720;
  [view.width, view.height] = [window.innerWidth, window.innerHeight];
  readColours();
  showLegend();
  filter.domains = new Set(data.domains.keys());
  readAddress();
  if (!chosen) showWhole();
  document.documentElement.dataset.ready = "yes";
}

window.addEventListener("resize", resize);
window.addEventListener("hashchange", readAddress);
night.addEventListener("change", () => { readColours(); showLegend(); showFilters(); showPanel(); redraw(); });
begin();
