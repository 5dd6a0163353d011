// The protocol of docs/learning-protocol.md: a lease, its heartbeats one at a time, what the server answers.
//
// A heartbeat carries everything played since the last answer and is sent again, with what was played since, until one
// arrives. What may never happen: a stretch lost because an answer was lost, or one said to be credited by this page.

import { without } from "./stretches.js";

const ANSWER_WITHIN = 10000;
const REPLAYED = "replayed";

async function post(url, body, token) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": token },
    body: JSON.stringify(body),
    keepalive: true,
    signal: AbortSignal.timeout(ANSWER_WITHIN),
  });
  if (response.status >= 500 || response.status === 429) throw new Error(`status ${response.status}`);
  const answer = await response.json().catch(() => ({}));
  return { ok: response.ok, status: response.status, answer };
}

export class Lease {
  #url;
  #token;
  #played;
  #page;
  #held = null;
  #fallenSilent = null;
  #opening = null;
  #outgoing = null;
  #sending = null;
  #again = false;

  // ``page``: position(), playing(), and what it does on opened, heard, refused, elsewhere, ended, silent.
  constructor({ url, token, played, page }) {
    this.#url = url;
    this.#token = token;
    this.#played = played;
    this.#page = page;
  }

  get held() {
    return this.#held !== null;
  }

  // The network is back, or may be.
  recover() {
    if (this.#outgoing) this.say();
    else if (!this.#held && this.#fallenSilent) this.open();
  }

  // What would be lost with this page.
  get unsaid() {
    const played = [...(this.#outgoing?.played ?? []), ...this.#played.stretches];
    const from = this.#held ?? this.#fallenSilent;
    return { lease: from?.id ?? null, nonce: from?.nonce ?? null, played };
  }

  // A page that was closed without a word left this behind.
  takeUp({ lease, nonce, played }) {
    if (!lease || !played.length) return false;
    this.#fallenSilent = { id: lease, nonce };
    this.#played.putBack(played);
    return true;
  }

  // Resolves to whether there is a lease now. Two calls at once are one.
  open({ takeOver = false } = {}) {
    if (this.#held) return Promise.resolve(true);
    this.#opening ??= this.#open(takeOver).finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  async #open(takeOver) {
    const silent = this.#fallenSilent;
    const body = { take_over: takeOver };
    if (silent) body.resume = { lease: silent.id, nonce: silent.nonce };
    try {
      const { ok, status, answer } = await post(this.#url, body, this.#token);
      if (!ok) {
        this.#drop();
        if (answer.code === "lease_elsewhere") this.#page.elsewhere(answer.detail);
        else this.#page.refused(answer);
        return false;
      }
      this.#goOn(answer, silent, status === 200);
      this.#page.opened(answer);
      return true;
    } catch {
      this.#page.silent();
      return false;
    }
  }

  #goOn(answer, silent, resumed) {
    if (silent && !resumed) this.#played.take();
    else this.#takeBack(answer.covered);
    this.#outgoing = null;
    this.#fallenSilent = null;
    this.#held = { id: answer.lease, nonce: answer.nonce, sequence: answer.last_sequence ?? 0 };
  }

  // What was on its way may have arrived or not; only what the server doesn't have is said again.
  #takeBack(covered) {
    this.#played.putBack(without(this.#outgoing?.played ?? [], covered));
    this.#outgoing = null;
  }

  #drop() {
    this.#held = this.#fallenSilent = this.#outgoing = null;
    this.#played.take();
  }

  // One heartbeat; ``always`` even when nothing was played, to tell the position.
  async say({ always = false } = {}) {
    if (!this.#held) return;
    if (this.#sending) {
      this.#again ||= always;
      return;
    }
    if (!this.#outgoing && !always && this.#played.empty && !this.#page.playing()) return;
    this.#sending = this.#say();
    await this.#sending;
    this.#sending = null;
    if (this.#again) {
      this.#again = false;
      await this.say({ always: true });
    }
  }

  #compose() {
    const sequence = this.#outgoing?.sequence ?? this.#held.sequence + 1;
    const played = [...(this.#outgoing?.played ?? []), ...this.#played.take()];
    const { nonce } = this.#held;
    this.#outgoing = { sequence, nonce, played, visible: true, position_ms: this.#page.position() };
    this.#held.sequence = sequence;
    return this.#outgoing;
  }

  async #say() {
    const held = this.#held;
    const said = this.#compose();
    try {
      const { ok, answer } = await post(`/learn/leases/${held.id}/beat/`, said, this.#token);
      if (this.#held !== held) return;
      if (ok) this.#heard(answer, said);
      else await this.#ended(answer);
    } catch {
      this.#page.silent();
    }
  }

  #heard(answer, said) {
    this.#held.nonce = answer.nonce;
    if (answer.refused === REPLAYED) this.#takeBack(answer.covered);
    this.#outgoing = null;
    this.#page.heard(answer, said.position_ms);
  }

  // Silence ended it, not another device: it goes on where it was, with what has not been said.
  async #ended(answer) {
    if (answer.end_reason !== "expired") {
      this.#drop();
      this.#page.ended(answer);
      return;
    }
    this.#fallenSilent = this.#held;
    this.#held = null;
    if (await this.open()) await this.#say();
  }

  // The answer to a challenge. Throws when none comes.
  async answer(challenge, key) {
    await this.#sending;
    if (!this.#held && !(await this.open())) return null;
    const body = { challenge, key, nonce: this.#held.nonce };
    const { ok, answer } = await post(`/learn/leases/${this.#held.id}/challenge/`, body, this.#token);
    if (ok) this.#held.nonce = answer.nonce || this.#held.nonce;
    else if (answer.code === "lease_ended") await this.#ended(answer);
    return ok ? answer : null;
  }

  // The page goes away: there is time for one message and none for its answer.
  part() {
    if (!this.#held) return;
    const { played } = this.unsaid;
    const { id, nonce, sequence } = this.#held;
    const body = { sequence: sequence + 1, nonce, played, visible: true, position_ms: this.#page.position() };
    const form = new FormData();
    form.append("csrfmiddlewaretoken", this.#token);
    form.append("body", JSON.stringify(body));
    navigator.sendBeacon(`/learn/leases/${id}/close/`, form);
    this.#drop();
  }
}
