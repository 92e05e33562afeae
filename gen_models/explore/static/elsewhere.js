// What another of the runs can do, where the chosen one can't.

import { h } from "./dom.js";
import { OF_A_RUN, addressed } from "./state.js";

const FOUND = 3; // links, at most
const ASKED = 12; // runs that are opened for that, at most

/** A line with links to runs that can do it, as they are found: `able(place)` opens a run and tells. */
export function elsewhere(runs, here, able) {
  const line = h("p", { class: "words", role: "status" });
  look(line, runs, here, able);
  return line;
}

async function look(line, runs, here, able) {
  const others = runs.map((run, place) => ({ ...run, place })).filter(({ place }) => place !== here);
  const unable = new Set([runs[here].model]); // a model that can't is not asked again
  let found = 0, asked = 0;
  for (const { place, model, title } of others) {
    if (found === FOUND || asked === ASKED || (asked && !line.isConnected)) break;
    if (unable.has(model)) continue;
    asked++;
    if (!(await able(place).catch(() => false))) unable.add(model);
    else line.append(found++ ? ", " : "These runs can: ", h("a", { href: addressed({ ...OF_A_RUN, run: place }) }, title));
  }
  if (!found && others.length) line.append(asked < ASKED ? "None of the other runs can." : `None of ${ASKED} others can.`);
}
