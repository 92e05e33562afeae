// A mask by brush: what is painted is drawn anew. It is kept in the address, a bit for each pixel.

import { ask } from "./api.js";
import { h } from "./dom.js";
import { change, state } from "./state.js";

const SIZE = 260;

/** The mask of these sides (C, H, W) that covers the middle: something to begin with. */
export function blank([, height, width]) {
  const bits = new Uint8Array(height * width);
  for (let y = Math.floor(height / 3); y < Math.ceil((2 * height) / 3); y++) bits.fill(1, y * width + Math.floor(width / 3), y * width + Math.ceil((2 * width) / 3));
  return written(bits);
}

function written(bits) {
  const bytes = new Uint8Array(Math.ceil(bits.length / 8));
  bits.forEach((bit, place) => { bytes[place >> 3] |= bit << (7 - (place & 7)); });
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function read(text, pixels) {
  const bits = new Uint8Array(pixels);
  try {
    const bytes = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    if (bytes.length !== Math.ceil(pixels / 8)) return null;
    return bits.map((_, place) => (bytes.charCodeAt(place >> 3) >> (7 - (place & 7))) & 1);
  } catch {
    return null; // of another run, or mistyped
  }
}

/** A canvas with the first item to paint upon; `uploads` are the pictures that were brought. */
export function brush(card, then, uploads = []) {
  const [, height, width] = card.shape;
  const times = Math.max(1, Math.floor(SIZE / width));
  const bits = read(state.mask ?? "", height * width) ?? read(blank(card.shape), height * width);
  const canvas = h("canvas", { width: width * times, height: height * times, tabIndex: 0, class: "brush", id: "brush",
    "aria-label": "mask: paint with the pointer, or move with the arrow keys, the space bar paints, the delete key wipes" });
  const under = new Image();
  const at = { x: width >> 1, y: height >> 1 };
  const radius = () => (state.brush ?? Math.max(1, Math.round(width / 12))) / 2;
  const draw = () => picture(canvas, under, bits, width, times, document.activeElement === canvas ? { ...at, radius: radius() } : null);
  const dab = (bit) => {
    const far = Math.ceil(radius());
    for (let y = Math.max(0, at.y - far); y <= Math.min(height - 1, at.y + far); y++) {
      for (let x = Math.max(0, at.x - far); x <= Math.min(width - 1, at.x + far); x++) {
        if (Math.hypot(x - at.x, y - at.y) < Math.max(0.5, radius())) bits[y * width + x] = bit;
      }
    }
    draw();
  };
  const done = () => {
    change({ mask: written(bits) });
    then();
  };
  const fill = (value) => () => {
    bits.forEach((bit, place) => { bits[place] = value(bit); });
    draw();
    done();
  };
  const follow = (event) => {
    const box = canvas.getBoundingClientRect();
    at.x = Math.max(0, Math.min(width - 1, Math.floor(((event.clientX - box.left) / box.width) * width)));
    at.y = Math.max(0, Math.min(height - 1, Math.floor(((event.clientY - box.top) / box.height) * height)));
    dab(wipe.checked ? 0 : 1);
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    follow(event);
  });
  canvas.addEventListener("pointermove", (event) => event.buttons && follow(event));
  canvas.addEventListener("pointerup", done);
  canvas.addEventListener("focus", draw);
  canvas.addEventListener("blur", draw);
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    const bit = { " ": 1, Delete: 0, Backspace: 0 }[event.key];
    if (!step && bit === undefined) return;
    event.preventDefault();
    if (step) {
      at.x = Math.max(0, Math.min(width - 1, at.x + step[0]));
      at.y = Math.max(0, Math.min(height - 1, at.y + step[1]));
      return draw();
    }
    dab(bit);
    return done();
  });
  const wipe = h("input", { type: "checkbox" });
  const size = h("input", { type: "range", min: 1, max: Math.ceil(width / 3), value: 2 * radius(), id: "f-brush", oninput: () => { change({ brush: size.valueAsNumber }); draw(); } });
  const save = h("a", { download: "mask.png", href: "#", onclick: () => { save.href = file(bits, width, height); } }, "Download mask.png");
  under.onload = draw;
  ask("originals", "originals", { run: state.run, n: 1, uploads: uploads.slice(0, 1) })
    .then((shown) => { if (shown?.pictures.length) under.src = shown.pictures[0]; }, () => {});
  draw();
  return h("div", { class: "field" }, canvas,
    h("label", { htmlFor: "f-brush" }, "brush"), size, h("label", { class: "tick" }, wipe, "wipe"),
    h("div", { class: "tools" }, h("button", { type: "button", onclick: fill(() => 0) }, "Clear"), h("button", { type: "button", onclick: fill((bit) => 1 - bit) }, "Invert"), save),
  );
}

function picture(canvas, under, bits, width, times, cursor) {
  const pen = canvas.getContext("2d");
  pen.imageSmoothingEnabled = false;
  pen.fillStyle = "#888";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  if (under.complete && under.naturalWidth) pen.drawImage(under, 0, 0, canvas.width, canvas.height);
  pen.fillStyle = "rgb(214 84 20 / 62%)";
  bits.forEach((bit, place) => bit && pen.fillRect((place % width) * times, Math.floor(place / width) * times, times, times));
  if (!cursor) return;
  pen.strokeStyle = "#1f5fa8";
  pen.lineWidth = 2;
  pen.beginPath();
  pen.arc((cursor.x + 0.5) * times, (cursor.y + 0.5) * times, Math.max(0.5, cursor.radius) * times, 0, 7);
  pen.stroke();
}

/** The mask as a picture, white where items are drawn anew: what `gen-models complete --mask` reads. */
function file(bits, width, height) {
  const sheet = h("canvas", { width, height });
  const pen = sheet.getContext("2d");
  const pixels = pen.createImageData(width, height);
  bits.forEach((bit, place) => pixels.data.set([255 * bit, 255 * bit, 255 * bit, 255], 4 * place));
  pen.putImageData(pixels, 0, 0);
  return sheet.toDataURL("image/png");
}
