// What the page shows, kept in the address, so that it can be kept, sent to oneself and gone back to.

const PLAIN = { view: "samples", run: 0, beside: "none" };

/** The state: an object of plain values; what is not set has the default of its field. */
export const state = { ...PLAIN, ...read() };

/** Change the state; undefined takes a value back. */
export function change(values) {
  for (const [key, value] of Object.entries(values)) {
    if (value === undefined) delete state[key];
    else state[key] = value;
  }
  history.replaceState(null, "", `#${written()}`);
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

function written() {
  const words = new URLSearchParams();
  for (const [key, value] of Object.entries(state)) {
    if (value !== PLAIN[key]) words.set(key, typeof value === "string" ? value : JSON.stringify(value));
  }
  return words.toString();
}
