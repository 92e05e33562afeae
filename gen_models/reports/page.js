// The curves of a report, by uPlot, and the switch between light and dark.
"use strict";
const told = JSON.parse(document.getElementById("curves").textContent);
const drawn = new Map();
const TAIL = 0.02; // of the values, which leave the frame: one spike must not flatten the rest
const HEIGHT = 200;

const chosen = () => document.querySelector("input[name=axis]:checked").value;
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const short = (value) =>
  value === null || value === undefined ? "" : Math.abs(value) >= 1e4
    ? new Intl.NumberFormat("en", {notation: "compact", maximumFractionDigits: 2}).format(value)
    : String(Number(value.toPrecision(3)));

function points(line, axis) {
  const kept = line.value.map((_, i) => i).filter((i) => line[axis][i] !== null && line.value[i] !== null);
  const unique = kept.filter((i, place) => place === 0 || line[axis][i] > line[axis][kept[place - 1]]);
  return [unique.map((i) => line[axis][i]), unique.map((i) => line.value[i])];
}

function range(tables) {
  const values = tables.flatMap(([, y]) => y).sort((a, b) => a - b);
  const low = values[Math.floor(TAIL * (values.length - 1))];
  const high = values[Math.ceil((1 - TAIL) * (values.length - 1))];
  const pad = 0.06 * (high - low) || Math.abs(high) || 1;
  return [low - pad, high + pad];
}

function draw(place) {
  const axis = chosen();
  const tables = told.plots[Number(place.dataset.plot)].lines.map((line) => points(line, axis));
  if (!place.clientWidth || !tables.some(([x]) => x.length)) return;
  drawn.get(place)?.destroy();
  const [ink, grid] = [colour("--ink"), {stroke: colour("--line"), width: 1}];
  const frame = {stroke: ink, grid, ticks: grid, font: "11px system-ui", values: (_, ticks) => ticks.map(short)};
  const options = {
    width: place.clientWidth,
    height: HEIGHT,
    scales: {x: {time: false}, y: {range: () => range(tables)}},
    axes: [{...frame, size: 36, label: axis, labelSize: 16, labelFont: "11px system-ui"}, {...frame, size: 56}],
    legend: {show: false},
    cursor: {y: false, points: {size: 6}},
    series: [{}, ...told.runs.map((run) => ({
      label: run.label,
      stroke: `hsl(${run.hue} 70% ${colour("--pen")})`,
      dash: run.dash,
      width: 1.6,
      spanGaps: true,
    }))],
    hooks: {setCursor: [(plot) => say(place, plot)]},
  };
  drawn.set(place, new uPlot(options, uPlot.join(tables), place));
}

function say(place, plot) {
  const at = plot.cursor.idx;
  const words = at === null || at === undefined ? [] : told.runs.map((run, i) => [run.label, plot.data[i + 1][at]]);
  const known = words.filter(([, value]) => value !== null && value !== undefined);
  const named = known.map(([label, value]) => (told.runs.length > 1 ? `${label} ${short(value)}` : short(value)));
  const text = known.length ? `${short(plot.data[0][at])}: ${named.join(", ")}` : "";
  place.parentElement.querySelector("output").textContent = text;
}

function all() {
  document.querySelectorAll(".plot").forEach(draw);
}

document.getElementById("theme").addEventListener("click", () => {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  if (told) all();
});
if (told) {
  const resized = (place) => drawn.get(place)?.width !== place.clientWidth;
  const seen = new ResizeObserver((entries) => entries.map((entry) => entry.target).filter(resized).forEach(draw));
  document.querySelectorAll(".plot").forEach((place) => seen.observe(place));
  document.querySelectorAll("input[name=axis]").forEach((input) => input.addEventListener("change", all));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", all);
}
