// A map of codes: where a click is, is decoded.

import { ask } from "./api.js";
import { h } from "./dom.js";
import { copier } from "./pane.js";
import { change, state } from "./state.js";

const SIZE = 520;
const MARGIN = 24;

/** Show the map of a run in a pane. */
export async function showMap(pane, place, body) {
  pane.body.classList.add("stale");
  const shown = await ask(`${pane.lane}-map`, "map", body).catch((error) => (pane.fail(error), null)).finally(() => pane.body.classList.remove("stale"));
  if (!shown) return;
  const map = shown.chart;
  const canvas = h("canvas", { width: SIZE, height: SIZE, tabIndex: 0, "aria-label": "map of codes: click, or move the mark with the arrow keys" });
  const scale = scaled(map.points);
  const side = h("div", { class: "near", "aria-live": "polite" }, "Click on the map, or move the mark with the arrow keys.");
  const go = async (x, y) => {
    change({ at: [Number(x.toFixed(3)), Number(y.toFixed(3))] });
    draw(canvas, map, scale, state.at);
    try {
      const found = await ask(`${pane.lane}-at`, "at", { ...body, ...place, x, y });
      if (found) side.replaceChildren(h("img", { src: found.pictures[0], alt: "what the code stands for" }), found.words, copier(found.command));
    } catch (error) {
      side.replaceChildren(h("span", { class: "wrong", role: "alert" }, error.message));
    }
  };
  canvas.addEventListener("click", (event) => {
    const times = SIZE / canvas.clientWidth;
    go(...scale.back(event.offsetX * times, event.offsetY * times));
  });
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!step) return;
    event.preventDefault();
    const [x, y] = state.at ?? [0, 0];
    go(x + step[0] * scale.step, y + step[1] * scale.step);
  });
  draw(canvas, map, scale, state.at);
  const words = h("p", { class: "words" }, `${map.points.length} held-out items. Across: ${map.axes[0]}. Up: ${map.axes[1] || "nothing"}.`);
  pane.body.replaceChildren(canvas, legend(map), side, words, h("div", { class: "tools" }, copier(shown.command)), h("code", {}, shown.command));
  if (state.at) go(...state.at);
}

const colour = (kind) => `hsl(${(kind * 137.5) % 360} 65% 45%)`;

function legend(map) {
  const kinds = [...new Set(map.points.map(([, , kind]) => kind))].sort((a, b) => a - b);
  if (kinds.length < 2 || kinds.length > 30) return "";
  return h("ul", { class: "legend" }, kinds.map((kind) => {
    const dot = h("i");
    dot.style.background = colour(kind);
    return h("li", {}, dot, map.classes[kind] ?? String(kind));
  }));
}

function scaled(points) {
  const xs = points.map(([x]) => x), ys = points.map(([, y]) => y);
  const middle = [(Math.min(...xs) + Math.max(...xs)) / 2, (Math.min(...ys) + Math.max(...ys)) / 2];
  const span = Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys)) || 1;
  const times = (SIZE - 2 * MARGIN) / span;
  return {
    to: (x, y) => [SIZE / 2 + (x - middle[0]) * times, SIZE / 2 - (y - middle[1]) * times],
    back: (left, top) => [middle[0] + (left - SIZE / 2) / times, middle[1] - (top - SIZE / 2) / times],
    step: span / 50,
  };
}

function draw(canvas, map, scale, at) {
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, SIZE, SIZE);
  for (const [x, y, kind] of map.points) {
    pen.fillStyle = colour(kind);
    pen.beginPath();
    pen.arc(...scale.to(x, y), 2.5, 0, 7);
    pen.fill();
  }
  if (!at) return;
  const [left, top] = scale.to(...at);
  pen.strokeStyle = "#000";
  pen.lineWidth = 1.5;
  pen.strokeRect(left - 6, top - 6, 12, 12);
}
