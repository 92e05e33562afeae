// Questions to the server, all of them by addresses below this page's own.

/** What the server answered instead, as a sentence. */
export class Refused extends Error {}

const asked = new Map(); // the question of each lane that is under way

/** Get something; throws `Refused` with a sentence. */
export async function get(path) {
  return answer(await reached(`api/${path}`));
}

/** Ask a question of a lane; an unfinished one of that lane is dropped. Gives null if this one was dropped. */
export async function ask(lane, path, body) {
  asked.get(lane)?.abort();
  const controller = new AbortController();
  asked.set(lane, controller);
  try {
    const response = await reached(`api/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...body, lane }),
      signal: controller.signal,
    });
    return await answer(response);
  } catch (error) {
    if (error.name === "AbortError") return null;
    throw error;
  } finally {
    if (asked.get(lane) === controller) asked.delete(lane);
  }
}

/** Send something that is no question of a lane. */
export async function send(path, body) {
  const headers = { "content-type": "application/json" };
  return answer(await reached(`api/${path}`, { method: "POST", headers, body: JSON.stringify(body) }));
}

/** Bring a picture. */
export async function bring(run, file) {
  const where = new URLSearchParams({ run, name: file.name });
  const headers = { "content-type": "application/octet-stream" };
  return answer(await reached(`api/upload?${where}`, { method: "POST", headers, body: file }));
}

/** Stop what a lane draws. */
export function stop(lane) {
  return reached(`api/stop/${lane}`, { method: "POST", body: "" });
}

async function reached(path, options) {
  try {
    return await fetch(path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused("The server does not answer: is gen-models explore still running in its terminal?");
  }
}

async function answer(response) {
  const text = await response.text();
  if (response.status === 409) return null;
  let content;
  try {
    content = JSON.parse(text);
  } catch {
    throw new Refused(text || `the server answered with ${response.status}.`);
  }
  if (!response.ok) throw new Refused(content?.error ?? text);
  return content;
}
