// Stretches of a recording in milliseconds, as [start, end] pairs. Pure: no page, no network, no clock.

// Stretches so close to each other are one: a player's own steps never meet exactly.
const TOUCHING = 50;

export function lengthOf(stretches) {
  return stretches.reduce((length, [start, end]) => length + end - start, 0);
}

// In order and joined where they touch.
export function joined(stretches) {
  const result = [];
  for (const [start, end] of [...stretches].sort((one, other) => one[0] - other[0])) {
    const last = result.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else if (end > start) result.push([start, end]);
  }
  return result;
}

export function without(stretches, taken) {
  let left = joined(stretches);
  for (const [start, end] of taken) {
    left = left.flatMap(([from, to]) => [[from, Math.min(to, start)], [Math.max(from, end), to]]).filter(([from, to]) => to > from);
  }
  return left;
}

// Where the first piece begins that is not covered yet; the very end when nothing is missing.
export function firstGap(covered, total) {
  let at = 0;
  for (const [start, end] of covered) {
    if (start > at) break;
    at = Math.max(at, end);
  }
  return Math.min(at, total);
}

// What was played and not said yet. It is forgotten only when the server has answered for it.
export class Played {
  #stretches = [];

  get empty() {
    return this.#stretches.length === 0;
  }

  get stretches() {
    return this.#stretches.map((stretch) => [...stretch]);
  }

  add(start, end) {
    if (end <= start) return;
    const last = this.#stretches.at(-1);
    if (last && start >= last[0] && start <= last[1] + TOUCHING) last[1] = Math.max(last[1], end);
    else this.#stretches.push([start, end]);
  }

  take() {
    const taken = this.#stretches;
    this.#stretches = [];
    return taken;
  }

  putBack(stretches) {
    this.#stretches = [...stretches.map((stretch) => [...stretch]), ...this.#stretches];
  }
}
