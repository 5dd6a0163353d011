// The one line above the lesson that says what is the matter, and the question whether to move here from another device.

const notice = document.querySelector("[data-player-notice]");
const sentence = notice.querySelector("[data-notice-text]");
const again = notice.querySelector("[data-player-again]");
const moving = document.querySelector("[data-player-takeover]");

export function tell(text, { canGoOn = false } = {}) {
  // Written again it would be read out again.
  if (sentence.textContent !== text) sentence.textContent = text;
  notice.hidden = !text;
  again.hidden = !canGoOn;
}

export function quiet() {
  return notice.hidden && !moving.open;
}

export function onGoOn(act) {
  again.querySelector("button").addEventListener("click", () => {
    tell("");
    act();
  });
}

// Resolves to whether to move; Escape is a no.
export async function askToMove(text) {
  moving.querySelector("[data-takeover-text]").textContent = text;
  moving.returnValue = "";
  if (!moving.open) moving.showModal();
  await new Promise((resolve) => moving.addEventListener("close", resolve, { once: true }));
  return moving.returnValue === "move";
}
