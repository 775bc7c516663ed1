(() => {
"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const { wide: W, tall: H, start, end } = data;
const MINUTES = (end - start) / 60000;
const one = (selector, inside = document) => inside.querySelector(selector);
const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];
const clamp = (value, low, high) => Math.max(low, Math.min(high, value));
let view = [0, 1];      // part of the time axis that is shown
let cursor = null;      // index into the clock of bars

const plots = all("[data-plot]").map((node) => {
  const told = data.plots[node.dataset.plot];
  const layers = told.layers.map((values, i) => ({ values, group: one(`[data-layer="${i}"]`, node) }));
  for (const layer of layers) layer.drawn = layer.group && one("path", layer.group) && one("path", layer.group).getAttribute("d");
  return {
    node, told, layers, clock: data.clocks[told.clock], log: false,
    box: one(".box", node), marks: one(".marks", node), foot: one(".foot", node), rule: one(".rule", node),
    gx: one(".gx", node), gy: one(".gy", node), line: one(".cursor", node), brush: one(".brush", node),
    read: all(".legend output", node), largest: one(".largest", node), rest: one(".gy", node).innerHTML,
  };
});
const bars = data.clocks.bars;

/* words */
const minus = (text) => text.replace("-", "−");
const grouped = (value, digits) => minus(value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits }));
const spoken = (form, value) => value === null || value === undefined ? "–"
  : form === "percent" ? grouped(value * 100, 1) + "%" : form === "ratio" ? grouped(value, 2) : grouped(value, Math.abs(value) >= 1000 ? 0 : 2);
function axisLabel(form, value, step) {
  if (form === "percent") {
    const whole = (digits) => Math.abs(step * 100 * 10 ** digits - Math.round(step * 100 * 10 ** digits)) < 1e-6;
    return grouped(value * 100, [0, 1, 2, 3].find(whole) ?? 4) + "%";
  }
  for (const [unit, letter] of [[1e12, "T"], [1e9, "B"], [1e6, "M"], [1e3, "k"]])
    if (Math.abs(value) >= unit) return minus(String(+(value / unit).toPrecision(10))) + letter;
  return minus(String(+value.toPrecision(10)));
}
function moment(minute) {
  const text = new Date(start + minute * 60000 - (data.intraday ? 0 : 1)).toISOString();
  return data.intraday ? text.slice(0, 16).replace("T", " ") : text.slice(0, 10);
}

/* axes */
function roundStep(rough) {
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 2.5, 5, 10].map((unit) => unit * power).find((step) => step >= rough * (1 - 1e-9));
}
function timeTicks() {
  const from = start + view[0] * (end - start), to = start + view[1] * (end - start), day = 864e5;
  const room = (to - from) / day / 10, ticks = [];
  const months = [[30, 1], [91, 3], [182, 6], [365, 12], [730, 24], [1826, 60], [3652, 120]].find(([length]) => room <= length * 1.05);
  const days = [[1 / 96, "m"], [1 / 24, "m"], [1 / 4, "m"], [1, "d"], [2, "d"], [7, "d"]].find(([length]) => room <= length * 1.05);
  if (days) {
    const step = days[0] * day;
    for (let at = Math.ceil(from / step) * step; at <= to; at += step) {
      const text = new Date(at).toISOString();
      ticks.push([at, days[1] === "d" ? text.slice(5, 10) : text.slice(5, 16).replace("T", " ")]);
    }
  } else {
    const step = months ? months[1] : 240, first = new Date(from);
    for (let k = Math.floor((first.getUTCFullYear() * 12 + first.getUTCMonth()) / step) * step; ; k += step) {
      const at = Date.UTC(Math.floor(k / 12), k % 12, 1);
      if (at > to) break;
      if (at >= from) ticks.push([at, new Date(at).toISOString().slice(0, step < 12 ? 7 : 4)]);
    }
  }
  return ticks.map(([at, label]) => [(at - from) / (to - from) * 100, at - from < (to - from) * 0.98 ? label : ""]);
}
function spans(target, side, ticks) {
  target.replaceChildren(...ticks.map(([place, label]) => {
    const span = document.createElement("span"), text = document.createElement("b");
    span.style[side] = place + "%";
    text.textContent = label;
    span.append(text);
    return span;
  }));
}

/* drawing */
const ends = (plot) => {   // the full range, in the space that paths are drawn in
  const { low, high } = plot.told;
  if (!plot.log) return { low, high, to: (v) => v, back: (v) => v };
  const seen = plot.layers.flatMap((layer) => layer.values).filter((v) => v > 0);
  return { low: Math.log(Math.min(...seen)), high: Math.log(Math.max(...seen)), to: Math.log, back: Math.exp };
};
function shownRange(plot, range) {
  if (plot.told.fixed || (view[0] === 0 && view[1] === 1)) return [range.low, range.high];
  const from = view[0] * MINUTES, to = view[1] * MINUTES, clock = plot.clock;
  let first = clock.findIndex((t) => t >= from), last = clock.findLastIndex((t) => t <= to);
  first = Math.max(0, (first < 0 ? clock.length : first) - 1);
  last = Math.min(clock.length - 1, last + 1);
  let low = Infinity, high = -Infinity;
  for (const layer of plot.layers) for (let i = first; i <= last; i++) {
    if (layer.values[i] === null) continue;
    const value = range.to(layer.values[i]);
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (!(low <= high)) return [range.low, range.high];
  const room = (high - low) * 0.06 || Math.abs(high) * 0.02 || 1;
  const grounded = plot.told.shape === "area" || plot.told.shape === "bars";
  return [grounded && low >= 0 ? 0 : low - room, grounded && high <= 0 ? 0 : high + room];
}
function draw(plot) {
  const range = ends(plot), [low, high] = shownRange(plot, range), full = range.high - range.low;
  const whole = !plot.log && view[0] === 0 && view[1] === 1;
  const x = view[0] * W, width = (view[1] - view[0]) * W;
  plot.marks.setAttribute("viewBox", `${x} ${(range.high - high) / full * H} ${width} ${(high - low) / full * H}`);
  if (plot.foot) plot.foot.setAttribute("viewBox", `${x} 0 ${width} 10`);
  spans(plot.gx, "left", timeTicks());
  if (whole || plot.told.fixed) { plot.gy.innerHTML = plot.rest; return; }
  const a = range.back(low), b = range.back(high), step = roundStep((b - a) / 5), ticks = [];
  for (let v = Math.ceil(a / step - 1e-9) * step; v <= b + step * 1e-9; v += step)
    ticks.push([(high - range.to(v)) / (high - low) * 100, axisLabel(plot.told.form, Math.abs(v) < step * 1e-6 ? 0 : v, step)]);
  spans(plot.gy, "top", ticks);
}
function toggleLog(plot) {
  plot.log = !plot.log;
  const range = ends(plot), y = (v) => Math.round((range.high - range.to(v)) / (range.high - range.low) * H);
  for (const layer of plot.layers) {
    const points = layer.values.map((v, i) => v === null ? "" : `${(plot.clock[i] / MINUTES * W).toFixed(1)} ${y(v)}`);
    one("path", layer.group).setAttribute("d", plot.log ? "M" + points.filter(Boolean).join("L") : layer.drawn);
  }
  if (plot.rule) {
    plot.capital ??= plot.rule.getAttribute("d");
    const level = plot.told.high - +plot.capital.split(" ")[1].split("H")[0] / H * (plot.told.high - plot.told.low);
    plot.rule.setAttribute("d", plot.log ? `M0 ${y(level)}H${W}` : plot.capital);
  }
  draw(plot);
}

/* zoom */
function zoom(low, high) {
  const least = Math.min(1, 2 / Math.max(2, bars.length));
  if (high - low < least) { const middle = (low + high) / 2; low = middle - least / 2; high = middle + least / 2; }
  view = high - low >= 1 ? [0, 1] : [clamp(low, 0, 1 - (high - low)), 0];
  if (!view[1]) view[1] = Math.min(1, view[0] + (high - low));
  plots.forEach(draw);
  for (const button of ranges) button.setAttribute("aria-pressed", String(Math.abs(view[1] - 1) < 1e-9 && Math.abs(view[0] - button.low) < 1e-9));
  point(cursor);
}
const ranges = [["All", 1e9], ["10 years", 3652.5], ["5 years", 1826.25], ["3 years", 1095.75], ["1 year", 365.25], ["3 months", 91.3], ["1 month", 30.4], ["1 week", 7], ["1 day", 1]]
  .filter(([, days], i) => i === 0 || days * 1440 < MINUTES * 0.9).slice(0, 5).map(([label, days], i) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.low = i === 0 ? 0 : 1 - days * 1440 / MINUTES;
    button.setAttribute("aria-pressed", String(i === 0));
    button.addEventListener("click", () => zoom(button.low, 1));
    one(".ranges").append(button);
    return button;
  });
one(".tools").hidden = bars.length < 2;

/* crosshair */
function before(clock, minute) {
  let low = 0, high = clock.length - 1, found = -1;
  while (low <= high) { const middle = (low + high) >> 1; if (clock[middle] <= minute) { found = middle; low = middle + 1; } else high = middle - 1; }
  return found;
}
function nearest(clock, minute) {
  const i = before(clock, minute);
  return i < 0 ? 0 : i + 1 < clock.length && clock[i + 1] - minute < minute - clock[i] ? i + 1 : i;
}
function point(index) {
  cursor = index;
  for (const plot of plots) {
    if (index === null) {
      plot.line.hidden = true;
      plot.read.concat(plot.largest || []).forEach((output) => { output.textContent = ""; });
      continue;
    }
    const share = (bars[index] / MINUTES - view[0]) / (view[1] - view[0]);
    plot.line.hidden = share < 0 || share > 1;
    plot.line.style.left = share * 100 + "%";
    one("b", plot.line).textContent = moment(bars[index]);
    const at = before(plot.clock, bars[index]);
    if (plot.largest) plot.largest.textContent = at < 0 ? "–" : largest(plot, at);
    else plot.layers.forEach((layer, i) => { plot.read[i].textContent = at < 0 ? "–" : spoken(plot.told.form, layer.values[at]); });
  }
}
function largest(plot, at) {   // charts that share a legend have room for a few values
  const names = all(".legend button", plot.node.closest("figure"));
  return plot.layers.map((layer, i) => [layer.values[at], names[i].textContent]).filter(([value]) => Math.abs(value) >= 0.0005)
    .sort(([a], [b]) => Math.abs(b) - Math.abs(a)).slice(0, 4).map(([value, name]) => `${name} ${spoken(plot.told.form, value)}`).join(" · ");
}
function say(plot) {
  const values = (plot.largest ? [plot.largest] : all(".legend button", plot.node).slice(0, 6)).map((node) => node.textContent.trim());
  one("#spoken").textContent = `${moment(bars[cursor])}: ${values.join(", ")}`;
}
function filter(node) {   // names in the legend show what they stand for, and dim the rest
  const chosen = new Set(), groups = all("[data-layer]", node);
  all(".legend button", node).forEach((button, i) => button.addEventListener("click", () => {
    if (chosen.has(i)) chosen.delete(i); else chosen.add(i);
    button.setAttribute("aria-pressed", String(chosen.has(i)));
    for (const group of groups) group.classList.toggle("dim", chosen.size > 0 && !chosen.has(+group.dataset.layer));
  }));
}
for (const plot of plots) {
  const share = (event) => { const box = plot.box.getBoundingClientRect(); return clamp((event.clientX - box.left) / box.width, 0, 1); };
  const minute = (event) => (view[0] + share(event) * (view[1] - view[0])) * MINUTES;
  let from = null;
  plot.box.addEventListener("pointermove", (event) => {
    point(nearest(bars, minute(event)));
    if (from === null) return;
    const to = share(event);
    plot.brush.hidden = false;
    plot.brush.style.left = Math.min(from, to) * 100 + "%";
    plot.brush.style.width = Math.abs(to - from) * 100 + "%";
  });
  plot.box.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "touch") { point(nearest(bars, minute(event))); return; }
    if (event.button !== 0) return;
    from = share(event);
    plot.box.setPointerCapture(event.pointerId);
  });
  plot.box.addEventListener("pointerup", (event) => {
    const to = share(event), start = from;
    from = null;
    plot.brush.hidden = true;
    if (start === null || Math.abs(to - start) < 0.01) return;
    const width = view[1] - view[0];
    zoom(view[0] + Math.min(start, to) * width, view[0] + Math.max(start, to) * width);
  });
  plot.box.addEventListener("pointercancel", () => { from = null; plot.brush.hidden = true; });
  plot.box.addEventListener("pointerleave", () => { if (from === null) point(null); });
  plot.box.addEventListener("dblclick", () => zoom(0, 1));
  plot.box.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key], factor = { "+": 0.5, "=": 0.5, "-": 2, "−": 2 }[event.key];
    const middle = cursor === null ? (view[0] + view[1]) / 2 : bars[cursor] / MINUTES;
    if (step) {   // from the side that is shown last, or first
      const next = cursor === null ? nearest(bars, view[step < 0 ? 1 : 0] * MINUTES) : cursor + step * (event.shiftKey ? 10 : 1);
      point(clamp(next, 0, bars.length - 1));
      say(plot);
    }
    else if (factor) { const half = (view[1] - view[0]) * factor / 2; zoom(middle - half, middle + half); }
    else if (event.key === "0" || event.key === "Escape") { zoom(0, 1); point(null); }
    else return;
    event.preventDefault();
  });
  filter(plot.node);
  const log = one(".log", plot.node);
  if (log && bars.length > 1) {
    log.hidden = false;
    log.addEventListener("click", () => { toggleLog(plot); log.setAttribute("aria-pressed", String(plot.log)); });
  }
}

all("[data-panel], .multiples").forEach(filter);

/* tables */
const number = (text) => { const found = text.replace(/−/g, "-").replace(/,/g, "").match(/-?\d+(\.\d+)?/); return found && +found[0]; };
function sorted(rows, column, numeric, turn) {   // what has no value comes last, whichever way
  const value = (cell) => cell.dataset.key !== undefined ? +cell.dataset.key : numeric ? number(cell.textContent) : cell.textContent.trim() || null;
  return rows.map((row) => [value(row.cells[column]), row]).sort(([a], [b]) => a === null || b === null
    ? (a === null) - (b === null) : turn * (typeof a === "number" ? a - b : a.localeCompare(b, "en"))).map(([, row]) => row);
}
function sortable(table) {   // one way, the other way, and as it was
  const body = one("tbody", table), heads = all("thead th", table), before = [...body.rows];
  heads.forEach((head, column) => {
    const button = document.createElement("button"), numeric = head.classList.contains("n");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const ways = numeric || before[0].cells[column].dataset.key ? ["descending", "ascending"] : ["ascending", "descending"];
      const way = [...ways, null][ways.indexOf(head.getAttribute("aria-sort")) + 1];
      body.append(...(way ? sorted(before, column, numeric, way === "ascending" ? 1 : -1) : before));
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      if (way) head.setAttribute("aria-sort", way);
    });
  });
}
for (const holder of all(".table, .months")) {
  const table = one("table", holder);
  if (one("tbody", table).rows.length < 2) continue;
  if ("sorts" in table.dataset) sortable(table);
  const copy = document.createElement("button");
  copy.type = "button";
  copy.className = "copy";
  copy.textContent = "copy";
  copy.addEventListener("click", async () => {
    const text = all("tr", table).map((row) => [...row.cells].map((cell) => cell.textContent.trim()).join("\t")).join("\n");
    try { await navigator.clipboard.writeText(text); } catch {
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    copy.textContent = "copied";
    setTimeout(() => { copy.textContent = "copy"; }, 1500);
  });
  holder.append(copy);
}

/* paper shows the whole record, and what is unfolded */
addEventListener("beforeprint", () => { zoom(0, 1); point(null); });
})();
