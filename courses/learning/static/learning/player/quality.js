// How much of the network a film takes. Its pieces of two sizes (HLS) are played by the browser itself where it can, and
// by hls.js where it can't; the original file is always there to fall back on.

import { choices } from "./kept.js";

const MANIFEST = "application/vnd.apple.mpegurl";

// Addresses of the sizes in a master playlist, smallest first (RFC 8216, section 4.3.4.2).
export function sizesOf(playlist, base) {
  const pattern = /#EXT-X-STREAM-INF:(?:[^\n]*,)?BANDWIDTH=(\d+)[^\n]*\n([^#\s][^\n]*)/g;
  return [...playlist.matchAll(pattern)]
    .map(([, bandwidth, address]) => ({ bandwidth: Number(bandwidth), address: new URL(address.trim(), base).href }))
    .sort((one, other) => one.bandwidth - other.bandwidth)
    .map(({ address }) => address);
}

export class Quality {
  #film;
  #original;
  #stream;
  #select;
  #hls = null;

  constructor(film, select, { media, stream }) {
    this.#film = film;
    this.#select = select;
    this.#original = media;
    this.#stream = stream;
  }

  begin() {
    const thrifty = navigator.connection?.saveData ? "low" : "auto";
    this.#select.value = choices.get("quality") ?? thrifty;
    if (!this.#select.value) this.#select.value = thrifty;
    this.#select.addEventListener("change", () => {
      choices.set("quality", this.#select.value);
      this.#play(this.#select.value);
    });
    // Until the size was known nothing was to be loaded.
    this.#film.preload = "metadata";
    this.#play(this.#select.value);
  }

  // Whether there was something to fall back on.
  fallBack() {
    if (this.#select.value === "original") return false;
    this.#select.value = "original";
    this.#play("original");
    return true;
  }

  async #play(size) {
    if (this.#hls && size !== "original") {
      this.#hls.nextLevel = this.#levelOf(size);
      return;
    }
    const { currentTime, paused } = this.#film;
    this.#hls?.destroy();
    this.#hls = null;
    try {
      if (size === "original") this.#film.src = this.#original;
      else if (this.#film.canPlayType(MANIFEST)) this.#film.src = await this.#addressOf(size);
      else await this.#withHls(size);
    } catch (error) {
      console.debug("the film's pieces can't be played", error);
      this.fallBack();
      return;
    }
    if (currentTime > 0) this.#film.currentTime = currentTime;
    if (!paused) this.#film.play();
  }

  async #addressOf(size) {
    const master = new URL(this.#stream, document.baseURI);
    if (size === "auto") return master.href;
    const answer = await fetch(master);
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const sizes = sizesOf(await answer.text(), master);
    return (size === "low" ? sizes[0] : sizes.at(-1)) ?? master.href;
  }

  #levelOf(size) {
    return { auto: -1, low: 0, high: this.#hls.levels.length - 1 }[size];
  }

  async #withHls(size) {
    const { default: Hls } = await import("../../vendor/hls/hls.light.min.mjs");
    if (!Hls.isSupported()) throw new Error("no media source");
    // The content security policy lets no worker be made of a blob.
    this.#hls = new Hls({ enableWorker: false, capLevelToPlayerSize: true });
    this.#hls.on(Hls.Events.MANIFEST_PARSED, () => {
      this.#hls.nextLevel = this.#levelOf(size);
    });
    this.#hls.on(Hls.Events.ERROR, (_event, { fatal, type, details }) => {
      if (!fatal) return;
      // A lost network mends itself; what can't be decoded doesn't.
      if (type === Hls.ErrorTypes.NETWORK_ERROR && navigator.onLine === false) {
        window.addEventListener("online", () => this.#hls?.startLoad(), { once: true });
        return;
      }
      console.debug("hls.js gave up", details);
      this.fallBack();
    });
    this.#hls.loadSource(this.#stream);
    this.#hls.attachMedia(this.#film);
  }
}
