// A training in the page: begin, play, pause, one turn; what the model looks like now.

import { get, send } from "./api.js";
import { h } from "./dom.js";
import { sketch } from "./draw.js";
import { copier } from "./pane.js";
import { SIZE, curves, plane } from "./plots.js";
import { change, state } from "./state.js";

const KINDS = [["ring", "ring"], ["grid", "grid"], ["two_rings", "two rings"], ["moons", "moons"], ["swiss_roll", "Swiss roll"], ["drawn", "your own drawing"]];
const asked = () => ({ model: state.model ?? "sngan", kind: state.kind ?? "ring", seed: state.seed ?? 1, theory: state.theory ?? null, strokes: state.kind === "drawn" && !state.theory ? state.strokes ?? [] : [] });

/** Show the live view in a form and a pane; it looks again as long as it is on the page. */
export async function showLive(form, pane) {
  const choices = await get("live/choices");
  const view = parts(pane);
  let timer = 0;
  const say = (error) => view.note.replaceChildren(error ? h("span", { class: "wrong", role: "alert" }, error) : "");
  let refused = ""; // what was asked for last and could not be done, while the training before goes on
  const look = async () => {
    clearTimeout(timer);
    if (!view.canvas.isConnected) return;
    try {
      const begun = performance.now();
      const now = await get(`live${wanted()}`);
      if (!now) return view.words.replaceChildren("Press Begin, then Play.");
      draw(view, now, look);
      say(now.error || refused);
      if (now.playing && !now.error) timer = setTimeout(look, Math.max(250, 2 * (performance.now() - begun))); // most of the time is the training's
    } catch (error) {
      say(error.message);
    }
  };
  let beginning = false; // one at a time
  const hold = () => document.getElementById("begin")?.toggleAttribute("disabled", beginning);
  const act = (path, body) => async () => {
    const begins = path === "live";
    const words = view.words.textContent;
    try {
      if (begins) beginning = true;
      hold();
      if (begins) view.words.replaceChildren("beginning …");
      await send(path, body());
      refused = "";
      say("");
      await look();
    } catch (error) {
      refused = error.message;
      view.words.replaceChildren(words);
      say(refused);
    } finally {
      if (begins) beginning = false;
      hold();
    }
  };
  const again = (id) => {
    showControls();
    document.getElementById(id)?.focus();
  };
  function showControls() {
    const buttons = [
      h("button", { type: "button", id: "begin", onclick: act("live", asked) }, "Begin"),
      h("button", { type: "button", id: "play", onclick: act("live/turns", () => ({ turns: view.now?.playing ? 0 : null })) }, "Play"),
      h("button", { type: "button", id: "turn", onclick: act("live/turns", () => ({ turns: 1 })) }, "One turn"),
    ];
    const theory = [["", "points in the plane"], ...Object.entries(choices.theory).map(([name, claim]) => [name, claim])];
    form.replaceChildren(
      pick("theory", "what", theory, "", again),
      ...(state.theory ? [] : [
        pick("model", "model", Object.entries(choices.models).map(([name, title]) => [name, name, title]), "sngan"),
        pick("kind", "data", KINDS, "ring", again),
        ...(state.kind === "drawn" ? [sketch()] : []),
      ]),
      seed(), h("div", { class: "tools" }, buttons), view.note,
    );
    hold();
    if (view.now) buttons[1].textContent = view.now.playing ? "Pause" : "Play";
  }
  showControls();
  await look();
}

/** One of several, [value, text, title], which counts from the next beginning on. */
function pick(key, label, values, fallback, then = () => {}) {
  const set = () => {
    change({ [key]: select.value === fallback ? undefined : select.value });
    then(select.id);
  };
  const select = h("select", { id: `f-${key}`, onchange: set },
    values.map(([value, text, title = ""]) => h("option", { value, selected: value === (state[key] ?? fallback), title }, text)));
  return h("div", { class: "field" }, h("label", { htmlFor: select.id }, label), select);
}

function seed() {
  const box = h("input", { type: "number", min: 0, value: state.seed ?? 1, id: "f-seed", oninput: () => box.checkValidity() && change({ seed: box.valueAsNumber }) });
  return h("div", { class: "field" }, h("label", { htmlFor: "f-seed" }, "seed"), box);
}

/** Which state of its samples is looked at, or its density. */
function wanted() {
  const words = new URLSearchParams();
  if (state.stage !== undefined) words.set("at", state.stage);
  if (state.density) words.set("density", "true");
  return words.size ? `?${words}` : "";
}

function parts(pane) {
  const view = {
    canvas: h("canvas", { width: SIZE, height: SIZE, role: "img", "aria-label": "samples, data and the model's field" }),
    plot: h("img", { class: "plot", alt: "the theorem's plot so far", hidden: true }), way: h("div", { class: "way" }), figures: h("table", {}),
    words: h("p", { class: "words", "aria-live": "polite" }), curves: h("canvas", { width: SIZE, height: 180, role: "img", "aria-label": "losses by turn" }),
    legend: h("ul", { class: "legend" }), tools: h("div", {}), note: h("div", {}), now: null,
  };
  pane.title.textContent = "a training";
  pane.body.replaceChildren(view.plot, view.canvas, view.way, view.words, view.figures, view.curves, view.legend, view.tools);
  return view;
}

function draw(view, now, look) {
  const kind = view.now?.stages;
  view.now = now;
  view.plot.hidden = !now.picture;
  view.canvas.hidden = Boolean(now.picture);
  if (now.picture) {
    if (view.plot.src !== now.picture) view.plot.src = now.picture;
  } else plane(view.canvas, now);
  if (kind !== now.stages) view.way.replaceChildren(...way(now, look));
  view.words.textContent = told(now);
  view.figures.replaceChildren(...Object.entries(now.figures).map(([name, value]) => h("tr", {}, h("td", {}, name), h("td", {}, value.toPrecision(4)))));
  curves(view.curves, view.legend, now.losses, now.floors);
  if (view.tools.dataset.command !== now.command) {
    view.tools.dataset.command = now.command;
    const file = now.command.includes("data.x=drawn.npy") ? h("a", { href: "api/live/drawn.npy", download: "drawn.npy" }, "Download drawn.npy") : null;
    view.tools.replaceChildren(h("div", { class: "tools" }, file, copier(now.command)), h("code", {}, now.command));
  }
  const play = document.getElementById("play");
  if (play) play.textContent = now.playing ? "Pause" : "Play";
}

/** Controls of what is looked at, of models whose samples come out of noise state by state. */
function way(now, look) {
  if (!now.stages) return [];
  const last = now.stages - 1;
  const slider = h("input", { type: "range", id: "f-stage", min: 0, max: last, value: Math.min(last, state.stage ?? now.stages >> 1), oninput: () => { change({ stage: slider.valueAsNumber, density: undefined }); box.checked = false; look(); } });
  const box = h("input", { type: "checkbox", checked: Boolean(state.density), onchange: () => { change({ density: box.checked || undefined }); look(); } });
  return [h("label", { htmlFor: "f-stage" }, "from noise to data"), slider, h("label", { class: "tick" }, box, "density instead (slower)")];
}

function told(now) {
  const turn = `Turn ${now.turn.toLocaleString("en")}${now.last ? ` of ${now.last.toLocaleString("en")}` : ""}.`;
  if (now.picture) return `${turn} The command trains it to its end, with the same turns.`;
  const ground = now.what ? `; ground: ${now.what}, blue is more` : "";
  if (now.time === null) return `${turn} Orange: samples; grey: data${ground}${now.arrows.length ? "; lines: where the critic pushes samples" : ""}.`;
  const zoom = now.scale > 1 ? `, seen from ${now.scale.toPrecision(2)} times as far` : "";
  return `${turn} Orange: states on the way to samples at time ${now.time.toPrecision(3)}${zoom}; grey: data${now.arrows.length ? "; arrows: the velocity there, towards data" : ""}.`;
}
