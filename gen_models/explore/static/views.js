// The views: what each asks, by which controls, and what of a run it needs.

import { blank, brush } from "./brush.js";
import * as c from "./controls.js";
import { h } from "./dom.js";
import { change, state } from "./state.js";

const DIRECTIONS = 6;

/** Controls by name: (card, then) -> elements. */
const CONTROLS = {
  seed: (_, then) => [c.number("seed", "seed", { high: 99, beyond: 2 ** 32 - 1, fallback: 0, then })],
  n: (card, then) => [c.number("n", "how many", {
    ...(card.lacks.pictures ? { low: 100, high: 2000, step: 100, beyond: 5000 } : { low: 1, high: 64, beyond: 256 }), fallback: usual(card), then,
  })],
  items: (_, then) => [c.number("n", "how many", { low: 1, high: 64, fallback: 16, then })],
  few: (_, then) => [c.number("n", "how many", { low: 1, high: 16, fallback: 4, then })],
  rows: (_, then) => [c.number("rows", "draws", { low: 1, high: 8, beyond: 16, fallback: 3, then })],
  columns: (_, then) => [c.number("columns", "samples in a row", { low: 2, high: 15, beyond: 32, fallback: 7, then })],
  class: (card, then) => card.lacks.class
    ? []
    : [c.choice("class", "class", [[null, "all"], ...card.classes.map((name, place) => [place, name])], { fallback: null, then })],
  truncation: (card, then, again) => {
    if (card.lacks.truncation) return [];
    const rest = state.truncated ? [c.number("limit", "largest latent", { low: 0.05, high: 2, beyond: 10, step: 0.05, fallback: 1, then })] : [];
    return [c.tick("truncated", "truncate latents", { then: again }), ...rest];
  },
  settings: (card, then) => Object.entries(card.settings).map(([name, value]) => setting(name, value, then, card.words[name])),
  frames: (_, then) => [c.number("frames", "steps shown, at most", { low: 2, high: 64, beyond: 200, fallback: 32, then })],
  reach: (_, then) => [c.number("reach", "standard deviations", { low: 0.5, high: 5, beyond: 10, step: 0.5, fallback: 3, then })],
  count: (_, then) => [c.number("count", "directions", { low: 1, high: 20, fallback: 6, then })],
  tries: (_, then) => [c.number("tries", "ways to go on", { low: 1, high: 8, beyond: 16, fallback: 4, then })],
  mask: (card, then, again, uploads) => [
    ...(card.lacks.mask ? [] : [c.tick("masked", "paint what is drawn anew", { then: again })]),
    masked(card) ? brush(card, then, uploads) : c.number("keep", "share kept, from above", { low: 0, high: 1, step: 0.05, fallback: 0.5, then }),
  ],
  sources: (_, then) => [
    c.number("rows", "samples that are changed", { low: 1, high: 8, beyond: 16, fallback: 4, then }),
    c.number("others", "samples that scales are taken from", { low: 1, high: 8, beyond: 16, fallback: 6, then }),
  ],
  scales: (card, then) => [
    c.number("first", "coarsest scale that is taken", { low: 1, high: card.scales, fallback: 1, then }),
    c.number("last", "finest one", { low: 1, high: card.scales, fallback: Math.max(1, card.scales >> 1), then }),
  ],
  code: (card, then) => [c.choice("code", "code", [[null, "all"], ...card.codes.map(({ name }) => [name, name])], { fallback: null, then })],
  moves,
  walk: (_, then) => [
    c.number("steps", "samples of a walk", { low: 3, high: 16, beyond: 64, fallback: 8, then }),
    c.tick("arcs", "arcs instead of lines", { then }),
  ],
};

function setting(name, value, then, words) {
  if (words) return c.entryChoice("settings", name, name, words.map((word) => [word, word]), { fallback: value, then });
  if (typeof value === "boolean") return c.entryChoice("settings", name, name, [[true, "yes"], [false, "no"]], { fallback: value, then });
  if (typeof value === "string") return c.entryWord("settings", name, name, { fallback: value, then });
  const whole = Number.isInteger(value) && value > 2;
  return c.entry("settings", name, name, { low: whole ? 1 : 0, high: whole ? 2 * value : 2 * Math.abs(value) || 1, step: whole ? 1 : 0.05, fallback: value, then });
}

function moves(card, then, again) {
  const named = card.codes.map(({ name, low, high, classes }) => classes
    ? c.entryChoice("moves", name, name, [[null, "as drawn"], ...Array.from({ length: classes }, (_, i) => [i, String(i)])], { fallback: null, then })
    : c.entry("moves", name, name, { low, high, step: (high - low) / 40, fallback: null, then }));
  const ways = Array.from({ length: DIRECTIONS }, (_, i) => `direction ${i + 1}`)
    .map((name) => c.entry("moves", name, name.replace("direction", "dir."), { low: -4, high: 4, step: 0.1, fallback: 0, then }));
  const reset = c.button("Back to the draws", () => {
    change({ moves: undefined });
    again();
  });
  return [...named, h("details", { open: !named.length }, h("summary", {}, "directions that change samples most, in σ"), ...ways), reset];
}

const drawn = () => ({
  seed: state.seed ?? 0, class: state.class ?? null, settings: state.settings ?? {},
  truncation: state.truncated ? (state.limit ?? 1) : null,
});
const plain = () => ({ seed: state.seed ?? 0, settings: state.settings ?? {} });
const masked = (card) => Boolean(state.masked) && !card.lacks.mask;
const first = () => state.first ?? 1;
const last = (card) => state.last ?? Math.max(1, card.scales >> 1);
const few = () => Math.min(state.n ?? 4, 16);

/** Samples where nobody has said how many: points make a picture together. */
export const usual = (card) => (card.lacks.pictures && card.shape.length === 1 ? 1000 : 16);
const many = (card) => state.n ?? usual(card);

/** By name: title, controls, what a run may lack for it, the question's path and body. */
export const VIEWS = {
  samples: {
    title: "Samples", controls: ["seed", "n", "class", "truncation", "settings"], path: "samples",
    body: (card) => ({ ...drawn(), n: many(card) }),
  },
  steps: {
    title: "Steps", needs: "steps", controls: ["seed", "n", "class", "frames", "truncation", "settings"], path: "steps",
    body: (card) => ({ ...drawn(), n: many(card), steps: state.frames ?? 32 }),
  },
  codes: {
    title: "Codes", needs: "codes", controls: ["seed", "n", "class", "moves", "walk", "truncation", "settings"], path: "steer",
    body: (card) => ({ ...drawn(), n: many(card), moves: state.moves ?? {} }),
  },
  directions: {
    title: "Directions", needs: "codes", controls: ["seed", "rows", "columns", "count", "reach", "truncation", "settings"], path: "directions",
    body: () => {
      const { class: _, ...rest } = drawn();
      return { ...rest, n: state.rows ?? 3, steps: state.columns ?? 7, count: state.count ?? 6, reach: state.reach ?? 3 };
    },
  },
  mix: {
    title: "Mix", needs: "mix", controls: ["seed", "sources", "scales", "class", "truncation", "settings"], path: "mix",
    body: (card) => ({ ...drawn(), n: state.rows ?? 4, columns: state.others ?? 6, first: first(), last: Math.max(first(), last(card)) }),
  },
  traverse: {
    title: "Each code", needs: "traverse", controls: ["seed", "rows", "columns", "code", "settings"], path: "traverse",
    body: () => ({ ...plain(), n: state.rows ?? 3, steps: state.columns ?? 7, code: state.code ?? null }),
  },
  arithmetic: {
    title: "Arithmetic", needs: "arithmetic", controls: ["seed", "few", "settings"], path: "arithmetic", attributes: true,
    body: () => ({ ...plain(), n: few(), attribute: state.attribute, plus: state.plus, minus: state.minus }),
  },
  reconstruct: {
    title: "Reconstruct", needs: "reconstruct", controls: ["items", "class"], path: "reconstruct", brings: true,
    body: (card, uploads) => ({ n: Math.min(64, many(card)), class: state.class ?? null, uploads }),
  },
  complete: {
    title: "Complete", needs: "complete", controls: ["seed", "few", "tries", "mask", "class", "settings"], path: "complete", brings: true,
    body: (card, uploads) => ({
      ...plain(), n: few(), class: state.class ?? null, tries: state.tries ?? 4, keep: state.keep ?? 0.5, uploads,
      mask: masked(card) ? (state.mask ?? blank(card.shape)) : null,
    }),
  },
  map: { title: "Map", needs: "map", controls: ["seed", "class"] },
  live: { title: "Live" },
};

const OPTIONAL = { class: "class", truncation: "truncation", settings: "settings of sampling", mask: "a mask by brush" };

/** The controls of a view for a run, and at their end those that it lacks, with the reason. */
export function controlsOf(view, card, then, again, uploads) {
  const lacked = view.controls.filter((name) => name in OPTIONAL && card.lacks[name]);
  const parts = view.controls.flatMap((name) => CONTROLS[name](card, then, again, uploads));
  return { parts, lacked: c.missing(lacked.map((name) => [OPTIONAL[name], card.lacks[name]])) };
}
