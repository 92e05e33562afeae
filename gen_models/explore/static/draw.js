// A distribution by hand: strokes and dots on a sheet, kept in the address.

import { h } from "./dom.js";
import { change, state } from "./state.js";

const SIZE = 260;
const STEP = 0.04; // between two places of a stroke that are kept
const MOST = 400; // places of all strokes
const rounded = (value) => Math.round(100 * Math.max(-1, Math.min(1, value))) / 100;

/** A sheet to draw on with the pointer, or with the arrow keys and the space bar. */
export function sketch() {
  const strokes = (state.strokes ?? []).map((stroke) => [...stroke]);
  const at = [0, 0];
  let drawing = null;
  const canvas = h("canvas", { width: SIZE, height: SIZE, tabIndex: 0, class: "brush", id: "sketch",
    "aria-label": "your own data: draw with the pointer, or move with the arrow keys, the space bar sets a dot" });
  const draw = () => sheet(canvas, strokes, document.activeElement === canvas ? at : null);
  const keep = () => {
    change({ strokes: strokes.length ? strokes : undefined });
    draw();
  };
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [rounded((2 * (event.clientX - box.left)) / box.width - 1), rounded(1 - (2 * (event.clientY - box.top)) / box.height)];
  };
  const full = () => strokes.reduce((sum, stroke) => sum + stroke.length, 0) >= MOST;
  canvas.addEventListener("pointerdown", (event) => {
    if (full()) return;
    canvas.setPointerCapture(event.pointerId);
    strokes.push(drawing = [place(event)]);
    draw();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!drawing || full()) return;
    const [x, y] = place(event), [lastX, lastY] = drawing.at(-1);
    if (Math.hypot(x - lastX, y - lastY) < STEP) return;
    drawing.push([x, y]);
    draw();
  });
  canvas.addEventListener("pointerup", () => {
    drawing = null;
    keep();
  });
  canvas.addEventListener("focus", draw);
  canvas.addEventListener("blur", draw);
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] }[event.key];
    if (!step && event.key !== " ") return;
    event.preventDefault();
    if (step) {
      at[0] = rounded(at[0] + step[0]);
      at[1] = rounded(at[1] + step[1]);
      return draw();
    }
    if (!full()) strokes.push([[...at]]);
    return keep();
  });
  const clear = h("button", { type: "button", onclick: () => { strokes.length = 0; keep(); } }, "Clear");
  const undo = h("button", { type: "button", onclick: () => { strokes.pop(); keep(); } }, "Undo");
  draw();
  return h("div", { class: "field" }, canvas, h("div", { class: "tools" }, undo, clear));
}

function sheet(canvas, strokes, cursor) {
  const pen = canvas.getContext("2d");
  const to = ([x, y]) => [((x + 1) / 2) * SIZE, ((1 - y) / 2) * SIZE];
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, SIZE, SIZE);
  pen.strokeStyle = pen.fillStyle = "#444";
  pen.lineWidth = 7;
  pen.lineCap = pen.lineJoin = "round";
  for (const stroke of strokes) {
    pen.beginPath();
    if (stroke.length === 1) pen.arc(...to(stroke[0]), 3.5, 0, 7);
    stroke.forEach((place) => pen.lineTo(...to(place)));
    pen.stroke();
  }
  if (!cursor) return;
  pen.strokeStyle = "#1f5fa8";
  pen.lineWidth = 2;
  pen.beginPath();
  pen.arc(...to(cursor), 7, 0, 7);
  pen.stroke();
}
