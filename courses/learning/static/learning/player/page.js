// A page that is read or worked through: its time counts while it is visible and in use, as if it were a recording of the
// expected length.

import { firstGap } from "./stretches.js";

// So long somebody may look at one paragraph without touching anything.
const IDLE_AFTER = 120000;
// A step of the clock is no longer than this even when timers are slowed down or the machine slept.
const STEP_AT_MOST = 5000;
const SIGNS_OF_LIFE = ["scroll", "pointermove", "pointerdown", "keydown", "touchstart"];

export class Page {
  #settings;
  #played;
  #handlers;
  #frame;
  #text;
  #cursor = 0;
  #touched = performance.now();
  #ticked = null;
  #running = false;
  #idle = false;

  // ``handlers``: held() whether time may count; opened(); moved(cursor); idle(whether).
  constructor(root, settings, played, handlers) {
    this.#settings = settings;
    this.#played = played;
    this.#handlers = handlers;
    this.#frame = root.querySelector("iframe");
    this.#text = root.querySelector("[data-player-text]");
  }

  begin(position) {
    for (const event of SIGNS_OF_LIFE) document.addEventListener(event, () => this.#touch(), { passive: true });
    // What happens inside a package is not seen from here, only that somebody went in.
    window.addEventListener("blur", () => this.#inFrame() && this.#touch());
    setInterval(() => this.#tick(), 1000);
    this.#scrollTo(position);
  }

  playing() {
    return this.#running;
  }

  get rate() {
    return 1;
  }

  // How far the text is scrolled, as a part of the expected time: another device opens it at the same paragraph.
  position() {
    if (!this.#text) return 0;
    const { top, height } = this.#text.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, -top / Math.max(1, height)));
    return Math.round(share * this.#settings.total_ms);
  }

  pause() {
    this.#running = false;
  }

  play() {
    this.#touch();
  }

  leave() {
    this.#running = false;
    this.#ticked = null;
  }

  comeBack() {
    this.#ticked = null;
    this.#touch();
  }

  mend() {}

  // The server's word: read on from the first minute it does not have.
  reset(covered) {
    this.#cursor = firstGap(covered, this.#settings.total_ms);
  }

  #inFrame() {
    return this.#frame !== null && document.activeElement === this.#frame && document.hasFocus();
  }

  #touch() {
    this.#touched = performance.now();
    if (this.#idle) this.#handlers.idle((this.#idle = false));
    this.#handlers.opened();
  }

  #tick() {
    const now = performance.now();
    const elapsed = this.#ticked === null ? 0 : Math.round(now - this.#ticked);
    this.#ticked = now;
    if (this.#inFrame()) this.#touched = now;
    const idle = now - this.#touched > IDLE_AFTER;
    if (idle && this.#running) this.#handlers.idle((this.#idle = true));
    this.#running = this.#handlers.held() && !document.hidden && !idle && this.#cursor < this.#settings.total_ms;
    if (!this.#running) return;
    const end = Math.min(this.#cursor + Math.min(elapsed, STEP_AT_MOST), this.#settings.total_ms);
    this.#played.add(this.#cursor, end);
    this.#cursor = end;
    this.#handlers.moved(this.#cursor);
  }

  #scrollTo(position) {
    if (!this.#text || location.hash || position < 1000) return;
    const go = () => {
      if (window.scrollY > 0) return;
      const { top, height } = this.#text.getBoundingClientRect();
      window.scrollTo({ top: top + (position / this.#settings.total_ms) * height, behavior: "instant" });
    };
    if (document.readyState === "complete") go();
    else window.addEventListener("load", go, { once: true });
  }
}
