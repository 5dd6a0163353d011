// The server asks whether somebody is there. A question with its choices, by mouse, finger, keyboard or screen reader; the
// time to answer is the server's, counted here in steps of a clock that only goes forward.

import { choices } from "./kept.js";
import { duration, fill, texts, timecode } from "./words.js";

const dialog = document.querySelector("[data-challenge]");
const form = dialog.querySelector("form");
const part = (name) => dialog.querySelector(`[data-challenge-${name}]`);
// Spoken only then; the figure itself counts every second.
const SPOKEN = new Set([30, 10]);

export class Challenge {
  #handlers;
  #asked = null;
  #until = 0;
  #timer = null;
  #sending = false;
  #title = document.title;

  // ``handlers``: answer(id, key); timeUp(); goOn() and stay() after one that was missed; closed() after one passed.
  constructor(handlers) {
    this.#handlers = handlers;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#answer();
    });
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      if (this.#asked) this.#say(texts.mustAnswer);
      else this.#close(this.#handlers.stay);
    });
    part("go-on").addEventListener("click", () => this.#close(this.#handlers.goOn));
    part("stay").addEventListener("click", () => this.#close(this.#handlers.stay));
    const chime = document.querySelector("[data-player-chime]");
    chime.checked = choices.get("chime") === true;
    chime.addEventListener("change", () => choices.set("chime", chime.checked));
  }

  get open() {
    return dialog.open;
  }

  // Asked again about the same thing (each heartbeat repeats it) nothing changes.
  ask(challenge, sentence = "") {
    if (this.#asked?.id === challenge.id) return;
    this.#asked = challenge;
    this.#until = performance.now() + challenge.seconds * 1000;
    part("missed").hidden = true;
    form.hidden = false;
    part("title").textContent = texts.askedTitle;
    part("prompt").textContent = challenge.prompt;
    part("choices").replaceChildren(...challenge.choices.map((choice) => this.#choice(choice)));
    this.#say(sentence);
    this.#lock(false);
    this.#show();
    part("spoken").textContent = fill(texts.answerWithin, { time: duration(challenge.seconds * 1000) });
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#count(), 1000);
    this.#count();
    form.querySelector("input").focus();
  }

  // It was missed, or answered wrongly twice: what was taken back and where it goes on.
  // From nowhere in a page that is read: there is no place to go back to.
  missed(takenBack, from) {
    const backTo = from === null ? texts.takenBackPage : texts.takenBack;
    const sentence = takenBack > 0 ? backTo : texts.nothingTaken;
    this.#settle();
    form.hidden = true;
    part("missed").hidden = false;
    part("missed-text").textContent = fill(sentence, { time: duration(takenBack), from: timecode(from ?? 0) });
    part("title").textContent = texts.missedTitle;
    part("left").textContent = "";
    this.#show();
    part("title").focus();
  }

  // Answered elsewhere, or the lease it belongs to is gone.
  withdraw() {
    if (this.#asked) this.#close(() => {});
  }

  #choice({ key, text }) {
    const label = part("choice-template").content.cloneNode(true).firstElementChild;
    label.querySelector("input").value = key;
    label.querySelector("span").textContent = text;
    return label;
  }

  #show() {
    if (dialog.open) return;
    dialog.showModal();
    document.title = texts.askedTitle;
    if (choices.get("chime")) this.#chime();
  }

  #chime() {
    const audio = new AudioContext();
    const [tone, volume] = [audio.createOscillator(), audio.createGain()];
    volume.gain.value = 0.1;
    tone.connect(volume).connect(audio.destination);
    tone.start();
    tone.stop(audio.currentTime + 0.25);
    tone.onended = () => audio.close();
  }

  #count() {
    const left = Math.max(0, Math.ceil((this.#until - performance.now()) / 1000));
    part("left").textContent = timecode(left * 1000);
    if (SPOKEN.has(left)) part("spoken").textContent = fill(texts.answerWithin, { time: duration(left * 1000) });
    if (left > 0 || this.#sending) return;
    this.#lock(true);
    this.#say(texts.timeUp);
    this.#handlers.timeUp();
  }

  async #answer() {
    const key = new FormData(form).get("answer");
    if (!key || this.#sending || !this.#asked) return;
    this.#sending = true;
    this.#lock(true);
    try {
      await this.#handlers.answer(this.#asked.id, key);
    } catch {
      this.#say(texts.notDelivered);
      this.#lock(false);
    } finally {
      this.#sending = false;
    }
  }

  passed() {
    this.#close(this.#handlers.closed);
  }

  #lock(locked) {
    part("submit").disabled = locked;
  }

  #say(sentence) {
    part("message").textContent = sentence;
    part("message").hidden = !sentence;
  }

  #settle() {
    clearInterval(this.#timer);
    this.#asked = null;
  }

  #close(then) {
    this.#settle();
    dialog.close();
    document.title = this.#title;
    then();
  }
}
