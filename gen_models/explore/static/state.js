// What the page shows, kept in the address, so that it can be kept, sent to oneself and gone back to.

const PLAIN = { view: "samples", run: 0, beside: "none" };

/** The values that are left to themselves when another run is chosen: they are about the one before. */
export const OF_A_RUN = { settings: undefined, moves: undefined, picked: undefined, code: undefined, at: undefined, mask: undefined };

/** The state: an object of plain values; what is not set has the default of its field. */
export const state = { ...PLAIN, ...read() };

/** Change the state; undefined takes a value back. */
export function change(values) {
  for (const [key, value] of Object.entries(values)) {
    if (value === undefined) delete state[key];
    else state[key] = value;
  }
  history.replaceState(null, "", addressed());
}

/** The address of what is shown, with other values; undefined takes one back. */
export function addressed(values = {}) {
  return `#${written({ ...state, ...values })}`;
}

/** Follow an address that somebody has typed or gone back to. */
export function follow(then) {
  window.addEventListener("hashchange", () => {
    for (const key of Object.keys(state)) delete state[key];
    Object.assign(state, PLAIN, read());
    then();
  });
}

function read() {
  const values = {};
  for (const [key, text] of new URLSearchParams(location.hash.slice(1))) {
    try {
      values[key] = JSON.parse(text);
    } catch {
      values[key] = text; // a word
    }
  }
  return values;
}

function written(values) {
  const words = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) {
    if (value !== PLAIN[key] && value !== undefined) words.set(key, typeof value === "string" ? value : JSON.stringify(value));
  }
  return words.toString();
}
