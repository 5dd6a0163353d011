// What this browser remembers: choices of the learner, and of each lesson what the server has not been told yet.
// A browser that keeps nothing (private window, full disk) only forgets; it never stops the lesson.

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

function write(key, value) {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(value));
  } catch (error) {
    console.debug("not kept", key, error);
  }
}

export const choices = {
  get: (name) => read(`player:${name}`),
  set: (name, value) => write(`player:${name}`, value),
};

// The server's word is newer than ours unless it still says what we last heard from it; clocks are not compared.
export class Unsent {
  #key;

  constructor(lesson) {
    this.#key = `player:unsent:${lesson}`;
  }

  keep(state) {
    write(this.#key, state);
  }

  forget() {
    write(this.#key, null);
  }

  // What was left, if nobody has been further on another device since.
  left(position) {
    const state = read(this.#key);
    return state && state.base === position ? state : null;
  }
}
