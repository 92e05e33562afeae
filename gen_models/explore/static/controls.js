// What can be set: each control changes the state, and says why where a run lacks what it needs.

import { h } from "./dom.js";
import { change, state } from "./state.js";

/** A number: a slider for the usual range, beside it any other. */
export function number(key, label, { low = 0, high, step = 1, fallback, beyond = high, then }) {
  const set = (value) => {
    if (Number.isNaN(value)) return;
    slider.value = box.value = value;
    change({ [key]: value === fallback ? undefined : value });
    then();
  };
  const value = state[key] ?? fallback;
  const limits = { min: low, step };
  const slider = h("input", { type: "range", ...limits, max: high, value, "aria-label": label, oninput: () => set(slider.valueAsNumber) });
  const box = h("input", { type: "number", ...limits, max: beyond, value, id: `f-${key}`, oninput: () => box.checkValidity() && set(box.valueAsNumber) });
  return h("div", { class: "field" }, h("label", { htmlFor: `f-${key}` }, label), slider, box);
}

/** One of several: options are [value, text]. */
export function choice(key, label, options, { fallback, then }) {
  const set = () => {
    const value = options[select.selectedIndex][0];
    change({ [key]: value === fallback ? undefined : value });
    then();
  };
  const value = state[key] ?? fallback;
  const select = h("select", { id: `f-${key}`, onchange: set }, options.map(([one, text]) => h("option", { selected: one === value }, text)));
  return h("div", { class: "field" }, h("label", { htmlFor: `f-${key}` }, label), select);
}

/** Yes or no. */
export function tick(key, label, { then }) {
  const set = () => {
    change({ [key]: box.checked || undefined });
    then();
  };
  const box = h("input", { type: "checkbox", id: `f-${key}`, checked: Boolean(state[key]), onchange: set });
  return h("div", { class: "field" }, h("label", { class: "tick" }, box, label));
}

/** A button. */
export function button(label, act) {
  return h("div", { class: "field" }, h("button", { type: "button", onclick: act }, label));
}

/** Why there are no controls: [what, what it would take] of each. */
export function missing(parts) {
  if (!parts.length) return null;
  const list = parts.map(([label, why]) => h("li", {}, h("b", {}, label), `: needs ${why}.`));
  return h("details", { class: "missing" }, h("summary", {}, `Not for this run: ${parts.map(([label]) => label).join(", ")}`), h("ul", {}, list));
}

/** An entry of an object in the state, as a number: the key of a code in `moves`, of a setting in `settings`. */
export function entry(group, name, label, { low, high, step, fallback, then }) {
  const set = (value) => {
    slider.value = value ?? (low + high) / 2;
    box.value = value ?? "";
    put(group, name, value === fallback ? undefined : value);
    then();
  };
  const value = state[group]?.[name] ?? fallback;
  const id = `f-${group}-${name}`.replaceAll(" ", "-");
  const limits = { min: low, max: high, step };
  const slider = h("input", { type: "range", ...limits, value: value ?? (low + high) / 2, "aria-label": label, oninput: () => set(slider.valueAsNumber) });
  const empty = () => set(Number.isNaN(box.valueAsNumber) ? fallback : box.valueAsNumber);
  const box = h("input", { type: "number", step: "any", value: value ?? "", id, placeholder: "–", onchange: empty });
  return h("div", { class: "field tight" }, h("label", { htmlFor: id }, label), slider, box);
}

/** An entry of an object in the state, as one of several: options are [value, text]. */
export function entryChoice(group, name, label, options, { fallback, then }) {
  const set = () => {
    const value = options[select.selectedIndex][0];
    put(group, name, value === fallback ? undefined : value);
    then();
  };
  const value = state[group]?.[name] ?? fallback;
  const id = `f-${group}-${name}`.replaceAll(" ", "-");
  const select = h("select", { id, onchange: set }, options.map(([one, text]) => h("option", { selected: one === value }, text)));
  return h("div", { class: "field" }, h("label", { htmlFor: id }, label), select);
}

/** An entry of an object in the state, as a word. */
export function entryWord(group, name, label, { fallback, then }) {
  const set = () => {
    put(group, name, box.value === fallback ? undefined : box.value);
    then();
  };
  const id = `f-${group}-${name}`.replaceAll(" ", "-");
  const box = h("input", { id, value: state[group]?.[name] ?? fallback, onchange: set });
  return h("div", { class: "field" }, h("label", { htmlFor: id }, label), box);
}

function put(group, name, value) {
  const values = { ...state[group], [name]: value };
  if (value === undefined) delete values[name];
  change({ [group]: Object.keys(values).length ? values : undefined });
}
