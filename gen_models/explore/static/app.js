// The page: which run, which view, its controls, its panes.

import { bring, get } from "./api.js";
import * as c from "./controls.js";
import { h } from "./dom.js";
import { elsewhere } from "./elsewhere.js";
import { showLive } from "./live.js";
import { showMap } from "./map.js";
import { Pane } from "./pane.js";
import { OF_A_RUN, change, follow, state } from "./state.js";
import { VIEWS, controlsOf, usual } from "./views.js";

const $ = (id) => document.getElementById(id);
const cards = new Map();
let runs = [];
let panes = [];
let walk = null;
let brought = []; // pictures that were brought, by their numbers
let bringing = null; // the controls that bring them, once they are asked for
let timer = 0;
let neighbours = null; // of the samples that are shown, once they are asked for

async function card(run) {
  if (!cards.has(run)) cards.set(run, await get(`runs/${run}`));
  return cards.get(run);
}

const view = () => (runs.length ? VIEWS[state.view] ?? VIEWS.samples : VIEWS.live);
const lacking = (one) => (view().needs === "traverse" ? one.lacks.codes : one.lacks[view().needs]);
const shownRuns = () => (Number.isInteger(state.beside) && state.beside < runs.length ? [state.run, state.beside] : [state.run]);

/** Build everything anew: another run, another view. */
async function build() {
  const held = document.activeElement?.id;
  tabs();
  $("run").replaceChildren(...runs.map(({ title }, place) => h("option", { selected: place === state.run }, title)));
  const others = [["none", "nothing"], ["real", "real data"], ...runs.map(({ title }, place) => [place, title])];
  $("beside").replaceChildren(...others.map(([value, text]) => h("option", { selected: value === state.beside, value: JSON.stringify(value) }, text)));
  document.querySelector("header").classList.toggle("alone", view() === VIEWS.live);
  if (view() === VIEWS.live) return live();
  panes = shownRuns().map((run, place) => new Pane(`pane-${place}`, runs[run]?.title));
  $("panes").replaceChildren(...panes.map((pane) => pane.element));
  try {
    await fill(await card(state.run));
    if (held && document.activeElement === document.body) $(held)?.focus();
  } catch (error) {
    $("controls").replaceChildren();
    panes[0].fail(error);
    return;
  }
  draw();
}

async function live() {
  panes = [new Pane("live")];
  $("panes").replaceChildren(panes[0].element);
  await showLive($("controls"), panes[0]);
}

async function fill(one) {
  tabs(one);
  const form = $("controls");
  if (lacking(one)) return form.replaceChildren();
  const { parts, lacked } = controlsOf(view(), one, soon, () => build(), uploads());
  if (view().attributes) parts.push(...(await attributes()));
  if (view().brings && !one.lacks.pictures) parts.push(bringing ??= uploader());
  form.replaceChildren(...parts, ...(lacked ? [lacked] : []));
}

function tabs(one) {
  const names = Object.keys(VIEWS);
  const go = (name) => {
    change({ view: name });
    build().then(() => $(`tab-${name}`)?.focus());
  };
  const turn = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) go(names[(names.indexOf(state.view) + step + names.length) % names.length]);
  };
  $("tabs").replaceChildren(...names.map((name) => {
    const { title, needs } = VIEWS[name];
    const unable = one && needs && one.lacks[needs === "traverse" ? "codes" : needs];
    return h("button", {
      id: `tab-${name}`, type: "button", role: "tab", "aria-selected": String(VIEWS[name] === view()), "aria-controls": "panes",
      tabIndex: VIEWS[name] === view() ? 0 : -1, class: unable ? "unable" : "", title: unable ? `needs ${unable}` : "",
      onclick: () => go(name), onkeydown: turn,
    }, title);
  }));
  $("tabs").querySelector("[aria-selected=true]").scrollIntoView({ block: "nearest", inline: "nearest" });
}

/** Draw when the hand rests for a moment. */
function soon() {
  clearTimeout(timer);
  timer = setTimeout(draw, 40);
}

function draw() {
  neighbours = null;
  shownRuns().forEach((run, place) => drawRun(panes[place], run, place));
  beside();
  showWalk();
}

async function drawRun(pane, run, place) {
  let one;
  try {
    one = await card(run);
  } catch (error) {
    return pane.fail(error);
  }
  const lacks = lacking(one);
  if (lacks) {
    const other = place ? null : elsewhere(runs, run, async (one) => !lacking(await card(one)));
    return pane.body.replaceChildren(h("p", { class: "words" }, `This run can't do that: it would take ${lacks}.`), ...(other ? [other] : []));
  }
  if (view() === VIEWS.map) return showMap(pane, one.lacks.class ? {} : { class: state.class ?? 0 }, { run, seed: state.seed ?? 0 });
  const body = { ...view().body(one, uploads()), run };
  if (one.lacks.class) body.class = null;
  if (one.lacks.truncation && "truncation" in body) body.truncation = null;
  if (body.settings) body.settings = Object.fromEntries(Object.entries(body.settings).filter(([name]) => name in one.settings));
  return pane.ask(view().path, body, place ? {} : options(one, body));
}

function options(one, body) {
  if (view() === VIEWS.codes) return { pick, picked: state.picked ?? [], hint: "Click two samples to walk from one to the other." };
  if (view() === VIEWS.samples && !one.lacks.pictures) return { near: (place) => near(place, body), hint: "Point at a sample for the training items nearest to it." };
  return {};
}

/** The training items that a sample is nearest to. */
async function near(place, body) {
  neighbours ??= new Pane("nearest").ask("nearest", { ...body, count: 4 });
  const found = await neighbours;
  if (!found) return ["The training items are not at hand."];
  return [h("img", { src: found.pictures[place], alt: "" }), `sample ${place}: ${found.labels[place]}; ${found.words}`];
}

function pick(place) {
  const before = state.picked ?? [];
  change({ picked: before.includes(place) ? before.filter((one) => one !== place) : [...before, place].slice(-2) });
  draw();
}

function showWalk() {
  walk?.element.remove();
  walk = null;
  const ends = state.picked ?? [];
  if (view() !== VIEWS.codes || ends.length < 2 || ends.some((end) => end >= (state.n ?? 16))) return;
  walk = new Pane("walk", `from sample ${ends[0]} to ${ends[1]}`);
  walk.element.classList.add("wide");
  $("panes").append(walk.element);
  const one = cards.get(state.run);
  if (!one) return;
  const body = { ...VIEWS.codes.body(one), run: state.run, between: ends, steps: state.steps ?? 8, arcs: Boolean(state.arcs) };
  if (one.lacks.class) body.class = null;
  if (one.lacks.truncation) body.truncation = null;
  walk.ask("steer", body);
}

/** Real data beside what is drawn. */
function beside() {
  if (state.beside !== "real") return;
  panes[1] ??= new Pane("real", "real data");
  $("panes").append(panes[1].element);
  const one = cards.get(state.run);
  if (one) panes[1].ask("real", { run: state.run, seed: state.seed ?? 0, n: state.n ?? usual(one) });
}

async function attributes() {
  const known = await get(`runs/${state.run}/attributes`);
  const names = Object.keys(known);
  if (!names.length) return [h("p", { class: "words" }, "These data have no classes and no attributes.")];
  const attribute = names.includes(state.attribute) ? state.attribute : names[0];
  const values = known[attribute].map((value) => [value, value]);
  change({ attribute, plus: known[attribute].includes(state.plus) ? state.plus : values[0][0], minus: known[attribute].includes(state.minus) ? state.minus : values.at(-1)[0] });
  return [
    c.choice("attribute", "attribute", names.map((name) => [name, name]), { then: build }),
    c.choice("plus", "add", values, { then: soon }),
    c.choice("minus", "subtract", values, { then: soon }),
  ];
}

const uploads = () => brought.map(({ upload }) => upload);

function uploader() {
  const read = async () => {
    try {
      brought = await Promise.all([...file.files].slice(0, 8).map((one) => bring(state.run, one)));
      await build();
    } catch (error) {
      panes[0].fail(error);
    }
  };
  const file = h("input", { type: "file", accept: "image/*", multiple: true, id: "f-file", onchange: read });
  const away = c.button("Back to held-out items", () => {
    brought = [];
    file.value = "";
    build();
  });
  return h("div", {}, h("div", { class: "field" }, h("label", { htmlFor: "f-file" }, "your own pictures, which stay on this machine"), h("p", {}, file)), away);
}

/** Build without what was brought to another run. */
function afresh() {
  brought = [];
  bringing = null;
  build();
}

$("run").addEventListener("change", () => {
  change({ ...OF_A_RUN, run: $("run").selectedIndex });
  afresh();
});
$("beside").addEventListener("change", () => {
  change({ beside: JSON.parse($("beside").value) });
  build();
});
$("controls").addEventListener("submit", (event) => event.preventDefault());
follow(afresh);
try {
  runs = await get("runs");
  await build();
} catch (error) {
  $("panes").replaceChildren(h("p", { class: "wrong", role: "alert" }, error.message));
}
