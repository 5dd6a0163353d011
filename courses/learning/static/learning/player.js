// The player of a lesson. It says what was played; only the server says what is credited.
//
// Its parts are in player/: the lease and its heartbeats, what is played of a recording or a page, the question whether
// somebody is there, and what is shown of it all. This file has them know each other.

import { Challenge } from "./player/challenge.js";
import { Unsent } from "./player/kept.js";
import { Lease } from "./player/lease.js";
import { askToMove, onGoOn, quiet, tell } from "./player/notice.js";
import { Page } from "./player/page.js";
import { showCovered, showDone, showPosition } from "./player/progress.js";
import { Recording } from "./player/recording.js";
import { firstGap, lengthOf, Played } from "./player/stretches.js";
import { texts } from "./player/words.js";

const TRY_AGAIN_AFTER = 4000;
const root = document.querySelector("[data-player]");
const settings = JSON.parse(document.getElementById("player-settings").textContent);
const token = root.querySelector("[name=csrfmiddlewaretoken]").value;
const recorded = Boolean(root.querySelector("video, audio"));

const played = new Played();
const unsent = new Unsent(settings.key);
let covered = settings.covered;
let done = settings.complete;
let acknowledged = settings.position_ms;
let goOnAfterwards = false;
let waiting = false;

const lease = new Lease({
  url: settings.lease_url,
  token,
  played,
  page: {
    position: () => lesson.position(),
    playing: () => lesson.playing(),
    opened,
    heard,
    silent,
    refused: (answer) => stop(answer.detail ?? texts.ended),
    ended: (answer) => stop(answer.detail ?? texts.ended),
    elsewhere,
  },
});

const lesson = recorded
  ? new Recording(root.querySelector("[data-player-controls]"), settings, played, { opened: open, said, moved })
  : new Page(root, settings, played, { held: () => lease.held && !challenge.open && !waiting, opened: wake, moved, idle });

const challenge = new Challenge({
  answer: async (id, key) => judged(await lease.answer(id, key)),
  timeUp: () => (lease.held ? lease.say({ always: true }) : open()),
  closed: goOn,
  stay: () => {},
  goOn: () => {
    if (recorded) lesson.goTo(firstGap(covered, settings.total_ms));
    lesson.play();
  },
});

function keep() {
  const position = lesson.position();
  const left = lease.unsaid;
  if (position === acknowledged && !left.played.length) unsent.forget();
  else unsent.keep({ ...left, base: acknowledged, position });
}

function open() {
  return settings.learnable ? lease.open() : Promise.resolve(true);
}

// It was paused, or moved by hand: another device should know.
function said() {
  keep();
  lease.say({ always: true });
}

// A page goes on by itself when somebody is there; after a refusal only when asked to.
function wake() {
  if (!lease.held && !done && settings.learnable && quiet() && !challenge.open) open();
}

function opened(answer) {
  tell("");
  update(answer);
  // Another device has been further since this page was loaded.
  if (recorded && Math.abs(answer.position_ms - acknowledged) > 1000) lesson.goTo(answer.position_ms);
  acknowledged = answer.position_ms;
  asked(answer.challenge);
}

function heard(answer, position) {
  acknowledged = Math.min(position, settings.total_ms);
  const notices = { daily_cap: texts.cap, gap: texts.gap };
  tell(notices[answer.refused] ?? "");
  update(answer);
  keep();
  if (answer.complete && !done) {
    done = true;
    showDone();
  }
  asked(answer.challenge);
  waited();
}

// Taken back is what the server had covered before and has no more.
function update(answer) {
  const takenBack = answer.taken_back_ms || Math.max(0, lengthOf(covered) - lengthOf(answer.covered));
  covered = answer.covered;
  if (!recorded && played.empty) lesson.reset(covered);
  showCovered(covered, settings.total_ms);
  if (takenBack > 0 && !answer.challenge) missed(takenBack);
}

function asked(question) {
  if (!question) {
    challenge.withdraw();
    return;
  }
  interrupt();
  challenge.ask(question);
}

function interrupt() {
  goOnAfterwards ||= lesson.playing();
  lesson.pause();
}

function goOn() {
  if (goOnAfterwards) lesson.play();
  goOnAfterwards = false;
}

function missed(takenBack) {
  lesson.pause();
  goOnAfterwards = false;
  played.take();
  if (!recorded) lesson.reset(covered);
  challenge.missed(takenBack, recorded ? firstGap(covered, settings.total_ms) : null);
}

function judged(answer) {
  // Not taken, or passed and perhaps the lesson is complete by it: the next heartbeat says how things stand.
  if (!answer || answer.result === "passed") lease.say({ always: true });
  if (!answer) return;
  covered = answer.covered;
  showCovered(covered, settings.total_ms);
  if (answer.result === "passed") challenge.passed();
  else if (answer.result === "again") challenge.ask(answer.challenge, texts.wrongOnce);
  else missed(answer.taken_back_ms);
}

function silent() {
  if (!lease.held) lesson.pause();
  tell(lease.held && !waiting ? texts.offline : texts.paused);
  keep();
}

// Nothing is heard: play on for as long as the policy forgives, then wait for the network.
function guard() {
  if (!lease.held || !lesson.playing() || lengthOf(lease.unsaid.played) < settings.grace_ms * lesson.rate) return;
  waiting = true;
  lesson.pause();
  tell(texts.paused);
}

function waited() {
  if (waiting && !document.hidden && !challenge.open) lesson.play();
  waiting = false;
}

function stop(sentence) {
  lesson.pause();
  challenge.withdraw();
  unsent.forget();
  if (!recorded) lesson.reset(covered);
  tell(sentence, { canGoOn: !recorded });
}

async function elsewhere(sentence) {
  lesson.pause();
  if (await askToMove(sentence)) {
    if ((await lease.open({ takeOver: true })) && recorded) lesson.play();
  } else tell(sentence, { canGoOn: !recorded });
}

function moved(position) {
  if (recorded) showPosition(position, settings.total_ms);
}

function idle(is) {
  tell(is ? texts.idle : "");
}

function begin() {
  const left = unsent.left(settings.position_ms);
  showCovered(covered, settings.total_ms);
  if (!recorded) lesson.reset(covered);
  lesson.begin(left?.position ?? settings.position_ms);
  onGoOn(() => (recorded ? lesson.play() : open()));
  if (!settings.learnable) return;
  const unheard = left && lease.takeUp(left);
  if (unheard || (!recorded && !done && !document.hidden)) open().then((held) => held && lease.say());
  setInterval(beat, settings.beat_ms);
  setInterval(guard, 1000);
  setInterval(recover, TRY_AGAIN_AFTER);
}

function recover() {
  lease.recover();
  lesson.mend();
}

function beat() {
  if (recorded) lesson.look();
  if (lesson.playing()) keep();
  lease.say();
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) {
    if (recorded && lesson.leftWhilePlaying && quiet()) tell(texts.hidden);
    if (!recorded) lesson.comeBack();
    return;
  }
  lesson.leave();
  keep();
  lease.say({ always: lesson.position() !== acknowledged });
});
window.addEventListener("pagehide", () => {
  if (recorded) lesson.look();
  keep();
  lease.part();
});
// The browser's arrow brings the page back as it was left, without its lease.
window.addEventListener("pageshow", (event) => {
  if (event.persisted && !recorded) wake();
});
window.addEventListener("online", recover);

begin();
