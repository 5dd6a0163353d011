// A film or a sound recording: where it stands, what of it is played, its chapters, text, speed and keys.

import { PlayClock } from "./clock.js";
import { choices } from "./kept.js";
import { tell } from "./notice.js";
import { Quality } from "./quality.js";
import { texts } from "./words.js";

const STEP = 5;
const LEAP = 10;

// Keys work while the player has the focus, so they never get in the way of typing or of a screen reader.
const KEYS = {
  " ": (one) => one.toggle(),
  k: (one) => one.toggle(),
  ArrowLeft: (one) => one.move(-STEP),
  ArrowRight: (one) => one.move(STEP),
  j: (one) => one.move(-LEAP),
  l: (one) => one.move(LEAP),
  m: (one) => one.mute(),
  c: (one) => one.toggleCaptions(),
};

export class Recording {
  #root;
  #media;
  #settings;
  #clock;
  #page;
  #places;
  #quality = null;
  #hiddenWhilePlaying = false;
  #broken = null;
  #wanted = false; // by the learner, who did not ask for a broken network to pause

  // ``page``: opened() resolves to whether there is a lease; said() after a pause or a move; moved(position).
  constructor(root, settings, played, page) {
    this.#root = root;
    this.#media = root.querySelector("video, audio");
    this.#settings = settings;
    this.#page = page;
    this.#clock = new PlayClock(played, settings.total_ms, settings.max_rate);
    this.#places = [...document.querySelectorAll("[data-seek]")];
  }

  begin(position) {
    this.#goTo(position);
    this.#page.moved(position);
    this.#listen();
    this.#beginSpeed();
    this.#beginCaptions();
    this.#beginKeys();
    this.#beginQuality();
  }

  playing() {
    return !this.#media.paused && !this.#media.ended;
  }

  position() {
    return Math.min(this.#settings.total_ms, Math.max(0, Math.round(this.#media.currentTime * 1000)));
  }

  get rate() {
    return this.#media.playbackRate;
  }

  pause() {
    this.#media.pause();
  }

  play() {
    // A browser that wants a gesture first shows its own button.
    this.#media.play().catch((error) => console.debug(error));
  }

  goTo(milliseconds) {
    this.#media.currentTime = milliseconds / 1000;
  }

  toggle() {
    if (this.playing()) this.pause();
    else this.play();
  }

  move(seconds) {
    const end = Number.isFinite(this.#media.duration) ? this.#media.duration : Infinity;
    this.#media.currentTime = Math.min(end, Math.max(0, this.#media.currentTime + seconds));
  }

  mute() {
    this.#media.muted = !this.#media.muted;
  }

  // A recording whose network failed in the middle plays no further until it is loaded anew.
  mend() {
    if (!this.#broken || navigator.onLine === false) return;
    const { at, playing } = this.#broken;
    this.#broken = null;
    this.#media.load();
    this.#media.currentTime = at;
    if (playing) this.play();
  }

  look() {
    this.#clock.look(this.position(), performance.now());
    this.#page.moved(this.position());
    this.#markPlace();
  }

  // Another tab, a locked screen: nothing is credited there, so nothing is played.
  leave() {
    this.#hiddenWhilePlaying = this.playing();
    this.look();
    this.pause();
  }

  get leftWhilePlaying() {
    return this.#hiddenWhilePlaying;
  }

  #goTo(position) {
    const at = position / 1000;
    const place = () => {
      if (at > 1 && at < this.#media.duration - 2 && this.#media.currentTime < 1) this.#media.currentTime = at;
    };
    if (this.#media.readyState >= 1) place();
    else this.#media.addEventListener("loadedmetadata", place, { once: true });
  }

  #listen() {
    const media = this.#media;
    media.addEventListener("play", async () => {
      this.#wanted = true;
      // The keys of a headset or of a locked screen reach a page that nobody sees.
      if (document.hidden || !(await this.#page.opened())) media.pause();
    });
    media.addEventListener("playing", () => this.#clock.start(this.position(), performance.now()));
    media.addEventListener("timeupdate", () => this.look());
    for (const event of ["seeking", "waiting", "emptied"]) media.addEventListener(event, () => this.#clock.stop());
    media.addEventListener("seeked", () => {
      if (this.playing()) this.#clock.start(this.position(), performance.now());
      this.#page.moved(this.position());
      this.#markPlace();
      this.#page.said();
    });
    for (const event of ["pause", "ended"]) {
      media.addEventListener(event, () => {
        this.look();
        this.#clock.stop();
        this.#wanted &&= this.#media.error !== null;
        this.#page.said();
      });
    }
    media.addEventListener("error", () => this.#breaks());
    for (const place of this.#places) {
      place.addEventListener("click", () => {
        this.goTo(Number(place.dataset.seek) * 1000);
        this.play();
      });
    }
  }

  #breaks() {
    const offline = navigator.onLine === false || this.#media.error.code === MediaError.MEDIA_ERR_NETWORK;
    this.#clock.stop();
    if (!offline && this.#quality?.fallBack()) return;
    this.#broken = { at: this.#media.currentTime, playing: this.#wanted };
    tell(texts.paused);
  }

  // Chapters, and lines of the text beside a recording: the last one that has begun is the current one of its list.
  #markPlace() {
    const at = this.#media.currentTime + 0.05;
    const current = new Map();
    for (const place of this.#places) {
      if (Number(place.dataset.seek) <= at) current.set(place.closest("ol"), place);
    }
    for (const place of this.#places) {
      if (current.get(place.closest("ol")) === place) place.setAttribute("aria-current", "true");
      else place.removeAttribute("aria-current");
    }
  }

  // The browser's own menu knows nothing of policy.
  #beginSpeed() {
    const select = this.#root.querySelector("[data-player-rate]");
    const kept = choices.get("rate");
    if ([...select.options].some((option) => option.value === kept)) select.value = kept;
    this.#media.defaultPlaybackRate = this.#media.playbackRate = Number(select.value);
    select.addEventListener("change", () => {
      this.#media.defaultPlaybackRate = this.#media.playbackRate = Number(select.value);
      choices.set("rate", select.value);
    });
    this.#media.addEventListener("ratechange", () => {
      this.look();
      if (this.#media.playbackRate > this.#settings.max_rate) {
        this.#media.playbackRate = this.#settings.max_rate;
        tell(texts.tooFast);
      }
      const rate = String(this.#media.playbackRate);
      if (![...select.options].some((option) => option.value === rate)) select.add(new Option(`${rate}×`, rate));
      select.value = rate;
    });
  }

  #beginCaptions() {
    const button = this.#root.querySelector("[data-player-captions]");
    const track = this.#media.textTracks[0];
    if (!button || !track) return;
    const show = () => button.setAttribute("aria-pressed", String(track.mode === "showing"));
    if (choices.get("captions") === false) track.mode = "hidden";
    button.addEventListener("click", () => this.toggleCaptions());
    this.#media.textTracks.addEventListener("change", show);
    show();
  }

  toggleCaptions() {
    const track = this.#media.textTracks[0];
    if (!track) return;
    track.mode = track.mode === "showing" ? "hidden" : "showing";
    choices.set("captions", track.mode === "showing");
  }

  // Before the browser's own controls hear of it: both together would move twice.
  #beginKeys() {
    this.#root.addEventListener("keydown", (event) => {
      const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      const modified = event.altKey || event.ctrlKey || event.metaKey;
      const typing = event.target.closest("input, select, textarea");
      const pressing = event.key === " " && event.target.closest("button, summary, a");
      if (!act || modified || typing || pressing) return;
      event.preventDefault();
      event.stopPropagation();
      act(this);
    }, { capture: true });
  }

  #beginQuality() {
    const select = this.#root.querySelector("[data-player-quality]");
    if (!select) return;
    this.#quality = new Quality(this.#media, select, this.#settings);
    this.#quality.begin();
  }
}
