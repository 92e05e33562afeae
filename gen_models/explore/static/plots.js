// Plots on canvases: points in the plane with a field and arrows, and losses by turn with their floors.

import { h } from "./dom.js";

export const SIZE = 520;
const REACH = 1.2;
const INK = ["#2563a8", "#c2571a", "#3b8a3e", "#8a4fa8", "#b3362b", "#557"];
const scaled = (x, y) => [((x + REACH) / (2 * REACH)) * SIZE, SIZE - ((y + REACH) / (2 * REACH)) * SIZE];

/** Draw samples, data, a field and arrows. */
export function plane(canvas, now) {
  const pen = canvas.getContext("2d");
  field(pen, now.field);
  dots(pen, now.real, "rgb(0 0 0 / 35%)", 1.2);
  if (now.time !== null) arrows(pen, now.arrows, 1.8 / Math.sqrt(now.arrows.length || 1), true);
  dots(pen, now.samples, "#c2571a", 1.8);
  if (now.time === null) arrows(pen, now.arrows, 0.15, false);
}

/** Blue is the highest, white the middle and grey the lowest tenth: outliers would hide the rest. */
function field(pen, rows) {
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, SIZE, SIZE);
  const sorted = rows.flat().sort((a, b) => a - b);
  if (!sorted.length) return;
  const [low, high] = [sorted[Math.floor(0.1 * sorted.length)], sorted[Math.floor(0.98 * sorted.length)]];
  const side = SIZE / rows.length;
  rows.forEach((row, up) => row.forEach((value, right) => {
    const share = Math.max(0, Math.min(1, (value - low) / (high - low || 1)));
    pen.fillStyle = `hsl(212 70% ${97 - 45 * share}%)`;
    pen.fillRect(right * side, SIZE - (up + 1) * side, side + 1, side + 1);
  }));
}

function dots(pen, points, colour, radius) {
  pen.fillStyle = colour;
  for (const [x, y = 0] of points) {
    pen.beginPath();
    pen.arc(...scaled(x, y), radius, 0, 7);
    pen.fill();
  }
}

/** Lines from places, the longest of them of this length, with heads or without. */
function arrows(pen, list, length, heads) {
  const longest = Math.max(...list.map(([, , dx, dy]) => Math.hypot(dx, dy)), 1e-9);
  pen.strokeStyle = heads ? "rgb(37 99 168 / 75%)" : "#1c1c1c";
  pen.lineWidth = 1;
  for (const [x, y, dx, dy] of list) {
    const [fromX, fromY] = scaled(x, y), [toX, toY] = scaled(x + (length * dx) / longest, y + (length * dy) / longest);
    const angle = Math.atan2(toY - fromY, toX - fromX), head = Math.min(5, 0.5 * Math.hypot(toX - fromX, toY - fromY));
    pen.beginPath();
    pen.moveTo(fromX, fromY);
    pen.lineTo(toX, toY);
    for (const side of heads ? [2.6, -2.6] : []) {
      pen.moveTo(toX, toY);
      pen.lineTo(toX + head * Math.cos(angle + side), toY + head * Math.sin(angle + side));
    }
    pen.stroke();
  }
}

/** Draw losses by turn, and dashed how far down they can go. */
export function curves(canvas, legend, losses, floors) {
  const pen = canvas.getContext("2d");
  const { width, height } = canvas;
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, width, height);
  const lines = Object.entries(losses);
  const points = lines.flatMap(([, line]) => line);
  canvas.hidden = points.length < 2;
  if (canvas.hidden) return legend.replaceChildren();
  const known = lines.map(([name]) => floors[name]).filter((floor) => floor !== undefined);
  const values = [...points.map(([, value]) => value), ...known];
  const [low, high] = [Math.min(...values), Math.max(...values)], last = Math.max(...points.map(([turn]) => turn));
  const up = (value) => height - 8 - ((value - low) / (high - low || 1)) * (height - 16);
  pen.lineWidth = 1.5;
  lines.forEach(([name, line], number) => {
    pen.strokeStyle = INK[number % INK.length];
    pen.beginPath();
    line.forEach(([turn, value], first) => pen[first ? "lineTo" : "moveTo"](8 + (turn / last) * (width - 16), up(value)));
    pen.stroke();
    if (floors[name] === undefined) return;
    pen.setLineDash([6, 5]);
    pen.beginPath();
    pen.moveTo(0, up(floors[name]));
    pen.lineTo(width, up(floors[name]));
    pen.stroke();
    pen.setLineDash([]);
  });
  legend.replaceChildren(...lines.map(([name, line], number) => {
    const dot = h("i");
    dot.style.background = INK[number % INK.length];
    const floor = floors[name] === undefined ? "" : `, at best ${floors[name].toPrecision(3)} (dashed)`;
    return h("li", {}, dot, `${name} ${line.at(-1)[1].toPrecision(3)}${floor}`);
  }), h("li", {}, `from ${low.toPrecision(3)} to ${high.toPrecision(3)}`));
}
