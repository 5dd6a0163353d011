// Which stretches of a recording were really played, from where it stands at each look. Pure: positions and the steps of
// a clock that only ever goes forward come in; the time of day of this device is never asked.

// A look may come this much late or early without being taken for a jump, in milliseconds.
const LOOSE = 400;

export class PlayClock {
  #played;
  #total;
  #maxRate;
  #from = null;

  constructor(played, total, maxRate) {
    this.#played = played;
    this.#total = total;
    this.#maxRate = maxRate;
  }

  // It plays from here.
  start(position, now) {
    this.#from = { position, now };
  }

  // It stands still, or was moved by hand: what comes next was not played.
  stop() {
    this.#from = null;
  }

  // Between two looks the recording went on as it plays, however late the look comes, or it was moved.
  look(position, now) {
    if (!this.#from) return;
    const moved = position - this.#from.position;
    const fits = moved <= (now - this.#from.now) * this.#maxRate + LOOSE;
    if (moved > 0 && fits) this.#played.add(this.#from.position, Math.min(position, this.#total));
    this.#from = { position, now };
  }
}
