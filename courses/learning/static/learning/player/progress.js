// What is credited so far: a sentence, a bar, and where in a recording it lies.

import { lengthOf } from "./stretches.js";
import { duration, fill, texts } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const counted = document.querySelector("[data-player-counted]");
const bar = document.querySelector("[data-player-progress]");
const drawing = document.querySelector("[data-player-track]");
const finished = document.querySelector("[data-player-done]");

// The drawing is a thousand units long, whatever the recording.
const WIDTH = 1000;

function rectangle(start, end, total) {
  const shape = document.createElementNS(SVG, "rect");
  const at = (start / total) * WIDTH;
  for (const [name, value] of [["x", at], ["y", 0], ["height", 8], ["width", Math.max(1, (end / total) * WIDTH - at)]]) {
    shape.setAttribute(name, value);
  }
  return shape;
}

export function showCovered(covered, total) {
  const credited = lengthOf(covered);
  bar.value = Math.floor(credited / 1000);
  counted.textContent = fill(texts.counted, { done: duration(credited), total: duration(total) });
  drawing?.querySelector("[data-track-covered]").replaceChildren(...covered.map(([start, end]) => rectangle(start, end, total)));
}

export function showPosition(position, total) {
  drawing?.querySelector("[data-track-position]").setAttribute("x", Math.min(WIDTH - 4, (position / total) * WIDTH));
}

export function showDone() {
  if (!finished.hidden) return;
  finished.hidden = false;
  finished.scrollIntoView({ block: "nearest" });
}
