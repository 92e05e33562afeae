// A training in the page: begin, play, pause, one turn; what the model looks like now.

import { get, send } from "./api.js";
import { h } from "./dom.js";
import { copier } from "./pane.js";
import { change, state } from "./state.js";

const SIZE = 520;
const REACH = 1.2;
const KINDS = ["ring", "grid", "two_rings", "moons", "swiss_roll"];
const INK = ["#2563a8", "#c2571a", "#3b8a3e", "#8a4fa8", "#b3362b", "#557"];
const scaled = (x, y) => [((x + REACH) / (2 * REACH)) * SIZE, SIZE - ((y + REACH) / (2 * REACH)) * SIZE];

/** Show the live view in a form and a pane; it looks again as long as it is on the page. */
export async function showLive(form, pane) {
  const models = await get("live/models");
  const select = (key, values, fallback) => h("select", { id: `f-${key}`, onchange: (event) => change({ [key]: event.target.value }) },
    values.map((value) => h("option", { value, selected: value === (state[key] ?? fallback), title: models[value] ?? "" }, value)));
  const labelled = (label, id, control) => h("div", { class: "field" }, h("label", { htmlFor: id }, label), control);
  const seed = h("input", { type: "number", min: 0, value: state.seed ?? 1, id: "f-seed", oninput: () => change({ seed: seed.valueAsNumber }) });
  const say = (error) => note.replaceChildren(error ? h("span", { class: "wrong", role: "alert" }, error) : "");
  const note = h("div", {});
  const act = (path, body) => async () => {
    try {
      const plane = await send(path, body());
      say("");
      if (plane) draw(view, plane);
      look();
    } catch (error) {
      say(error.message);
    }
  };
  const buttons = [
    h("button", { type: "button", onclick: act("live", () => ({ model: state.model ?? "sngan", kind: state.kind ?? "ring", seed: state.seed ?? 1 })) }, "Begin"),
    h("button", { type: "button", id: "play", onclick: act("live/turns", () => ({ turns: view.plane?.playing ? 0 : null })) }, "Play"),
    h("button", { type: "button", onclick: act("live/turns", () => ({ turns: 1 })) }, "One turn"),
  ];
  form.replaceChildren(
    labelled("model", "f-model", select("model", Object.keys(models), "sngan")), labelled("data", "f-kind", select("kind", KINDS, "ring")),
    labelled("seed", "f-seed", seed), h("div", { class: "tools" }, buttons), note,
  );
  const view = parts(pane);
  let timer = 0;
  const look = async () => {
    clearTimeout(timer);
    if (!view.canvas.isConnected) return;
    try {
      const begun = performance.now();
      const plane = await get("live");
      if (!plane) return view.words.replaceChildren("Press Begin, then Play.");
      draw(view, plane);
      if (view.plane.error) say(view.plane.error);
      else if (view.plane.playing) timer = setTimeout(look, Math.max(250, 2 * (performance.now() - begun))); // most of the time is the training's
    } catch (error) {
      say(error.message);
    }
  };
  await look();
}

function parts(pane) {
  const view = {
    canvas: h("canvas", { width: SIZE, height: SIZE, role: "img", "aria-label": "samples, data and the model's field" }),
    words: h("p", { class: "words", "aria-live": "polite" }), curves: h("canvas", { width: SIZE, height: 180, role: "img", "aria-label": "losses by turn" }),
    legend: h("ul", { class: "legend" }), tools: h("div", {}),
  };
  pane.title.textContent = "points in the plane";
  pane.body.replaceChildren(view.canvas, view.words, view.curves, view.legend, view.tools);
  return view;
}

function draw(view, plane) {
  view.plane = plane;
  const pen = view.canvas.getContext("2d");
  field(pen, plane.field);
  dots(pen, plane.real, "rgb(0 0 0 / 35%)", 1.2);
  dots(pen, plane.samples, "#c2571a", 1.8);
  pushes(pen, plane.pushes);
  const coloured = plane.what ? `; ground: ${plane.what}, blue is more` : "";
  view.words.textContent = `Turn ${plane.turn.toLocaleString("en")}. Orange: samples; grey: data${coloured}${plane.pushes.length ? "; lines: where the critic pushes" : ""}.`;
  curves(view, plane.losses);
  if (view.tools.dataset.command !== plane.command) {
    view.tools.dataset.command = plane.command;
    view.tools.replaceChildren(h("div", { class: "tools" }, copier(plane.command)), h("code", {}, plane.command));
  }
  const play = document.getElementById("play");
  if (play) play.textContent = plane.playing ? "Pause" : "Play";
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

function pushes(pen, arrows) {
  const longest = Math.max(...arrows.map(([, , dx, dy]) => Math.hypot(dx, dy)), 1e-9);
  pen.strokeStyle = "#1c1c1c";
  for (const [x, y, dx, dy] of arrows) {
    pen.beginPath();
    pen.moveTo(...scaled(x, y));
    pen.lineTo(...scaled(x + (0.15 * dx) / longest, y + (0.15 * dy) / longest));
    pen.stroke();
  }
}

function curves(view, losses) {
  const pen = view.curves.getContext("2d");
  const { width, height } = view.curves;
  pen.clearRect(0, 0, width, height);
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, width, height);
  const lines = Object.entries(losses);
  const turns = lines.flatMap(([, line]) => line.map(([turn]) => turn)), values = lines.flatMap(([, line]) => line.map(([, value]) => value));
  if (turns.length < 2) return view.legend.replaceChildren();
  const [low, high] = [Math.min(...values), Math.max(...values)], last = Math.max(...turns);
  const place = ([turn, value]) => [8 + (turn / last) * (width - 16), height - 8 - ((value - low) / (high - low || 1)) * (height - 16)];
  lines.forEach(([, line], number) => {
    pen.strokeStyle = INK[number % INK.length];
    pen.lineWidth = 1.5;
    pen.beginPath();
    line.forEach((point, first) => (first ? pen.lineTo(...place(point)) : pen.moveTo(...place(point))));
    pen.stroke();
  });
  view.legend.replaceChildren(...lines.map(([name, line], number) => {
    const dot = h("i");
    dot.style.background = INK[number % INK.length];
    return h("li", {}, dot, `${name} ${line.at(-1)[1].toPrecision(3)}`);
  }), h("li", {}, `from ${low.toPrecision(3)} to ${high.toPrecision(3)}`));
}
