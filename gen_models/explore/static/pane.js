// One place for answers: waiting, a picture whose samples can be pointed at, frames, words, the command.

import { Refused, ask, get, stop } from "./api.js";
import { h } from "./dom.js";

const PATIENCE = 350; // milliseconds before a wait is spoken of

/** A pane of the page; `lane` names it to the server. */
export class Pane {
  constructor(lane, title = "") {
    this.lane = lane;
    this.title = h("h2", {}, title);
    this.wait = h("div", { class: "wait", role: "status" });
    this.body = h("div");
    this.element = h("section", { class: "pane" }, this.title, this.wait, this.body);
    this.wanted = 0; // the number of the last question
  }

  /** Ask, and show the answer; `options` are those of `show`. Gives the answer, or null. */
  async ask(path, body, options = {}) {
    const number = ++this.wanted;
    this.body.classList.add("stale");
    const watch = this.#watch(number);
    let stopped = false;
    try {
      const shown = await ask(this.lane, path, body);
      if (number !== this.wanted) return null;
      if (shown) this.show(shown, options);
      stopped = !shown;
      return shown;
    } catch (error) {
      if (number === this.wanted) this.fail(error);
      return null;
    } finally {
      clearInterval(watch);
      if (number === this.wanted) {
        this.wait.replaceChildren(stopped ? "Stopped; the picture is the one before." : "");
        this.body.classList.remove("stale");
      }
    }
  }

  /** Say a sentence in place of a picture. */
  fail(error) {
    if (!(error instanceof Refused)) console.error(error);
    this.body.replaceChildren(h("p", { class: "wrong", role: "alert" }, `${error.message}`));
  }

  /** Show pictures. With `pick(place)` samples can be clicked, with `near(place)` pointed at: it gives what to show. */
  show(shown, { pick, near, picked = [], hint = "" } = {}) {
    const place = h("div", { class: "picture" });
    const about = shown.cells && hint ? h("div", { class: "near", "aria-live": "polite" }, hint) : null;
    const image = h("img", { alt: shown.words || "samples" });
    place.append(image);
    if (about) place.append(cells(shown.cells, image, { pick, near, about, picked }));
    const parts = [h("div", { class: "sheet" }, rows(shown), place)];
    if (shown.pictures.length > 1) parts.push(frames(shown, image));
    image.src = shown.pictures.at(-1);
    if (about) parts.push(about);
    if (shown.words) parts.push(h("p", { class: "words" }, shown.words));
    this.body.replaceChildren(...parts, tools(image, shown.command));
  }

  #watch(number) {
    const begun = performance.now();
    return setInterval(async () => {
      if (performance.now() - begun < PATIENCE || number !== this.wanted) return;
      const { share } = await get(`progress/${this.lane}`).catch(() => ({}));
      if (number !== this.wanted || !this.body.classList.contains("stale")) return;
      const seconds = ((performance.now() - begun) / 1000).toFixed(1);
      const bar = share ? h("progress", { max: 1, value: share, "aria-label": "drawn" }) : null;
      const halt = this.wait.querySelector("button") ?? h("button", { type: "button", onclick: () => stop(this.lane) }, "Stop");
      this.wait.replaceChildren(`drawing, ${seconds} s`, ...(bar ? [bar] : []), halt);
    }, 250);
  }
}

function rows(shown) {
  if (!shown.labels.length || shown.pictures.length > 1) return null;
  return h("ol", {}, shown.labels.map((label) => h("li", {}, label)));
}

/** Buttons upon the samples of a grid, which the mouse, a finger or the keyboard find. */
function cells(grid, image, { pick, near, about, picked }) {
  const layer = h("div", { class: "cells" });
  const place = () => {
    const [width, height] = [image.naturalWidth, image.naturalHeight];
    for (const [position, button] of [...layer.children].entries()) {
      const left = (position % grid.columns) * (grid.width + grid.gap) + grid.gap;
      const top = Math.floor(position / grid.columns) * (grid.height + grid.gap) + grid.gap;
      button.style.left = `${(100 * left) / width}%`;
      button.style.top = `${(100 * top) / height}%`;
      button.style.width = `${(100 * grid.width) / width}%`;
      button.style.height = `${(100 * grid.height) / height}%`;
    }
  };
  const tell = async (position) => {
    const content = near ? await near(position).catch((error) => [error.message]) : null;
    if (content) about.replaceChildren(...content);
  };
  for (let position = 0; position < grid.count; position++) {
    const pressed = pick ? { "aria-pressed": String(picked.includes(position)) } : {};
    layer.append(h("button", {
      type: "button", title: `sample ${position}`, ...pressed,
      onmouseenter: () => tell(position), onfocus: () => tell(position), onclick: () => pick?.(position),
    }));
  }
  image.addEventListener("load", place, { once: true });
  return layer;
}

function frames(shown, image) {
  const last = shown.pictures.length - 1;
  const output = h("output", {}, shown.labels[last] ?? "");
  const turn = (position) => {
    slider.value = position;
    image.src = shown.pictures[position];
    output.textContent = shown.labels[position] ?? "";
  };
  const slider = h("input", { type: "range", min: 0, max: last, value: last, "aria-label": "step", oninput: () => turn(slider.valueAsNumber) });
  const play = h("button", { type: "button", onclick: () => {
    let position = 0;
    const timer = setInterval(() => (position > last || !slider.isConnected ? clearInterval(timer) : turn(position++)), 120);
  } }, "Play");
  return h("div", { class: "frames" }, play, slider, output);
}

function tools(image, command) {
  const name = command?.split(" ")[1] ?? "picture";
  const save = h("a", { download: `${name}.png`, onclick: () => { save.href = image.src; } }, "Download PNG");
  save.href = image.src;
  const parts = [h("div", { class: "tools" }, save, command ? copier(command) : null)];
  if (command) parts.push(h("code", {}, command));
  return h("div", {}, parts);
}

/** A button that copies a command. */
export function copier(command) {
  const button = h("button", { type: "button", onclick: async () => {
    await navigator.clipboard.writeText(command).then(() => "Copied", () => "Select it below").then((word) => { button.textContent = word; });
    setTimeout(() => { button.textContent = "Copy as command"; }, 1500);
  } }, "Copy as command");
  return button;
}
