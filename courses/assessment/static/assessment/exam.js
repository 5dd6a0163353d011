// Saves each answer as it is given and counts down. Without it the paper is an ordinary form, and the server's deadline
// holds either way.

const form = document.querySelector("[data-exam]");
const words = form.dataset;
const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
const status = form.querySelector("[data-status]");
const waiting = new Map();
let leaving = false;

function markOf(fieldset) {
  return fieldset.querySelector("[data-saved]");
}

async function save(fieldset) {
  const number = fieldset.dataset.question;
  if (waiting.get(number) === "sending") {
    waiting.set(number, "again");
    return;
  }
  waiting.set(number, "sending");
  markOf(fieldset).textContent = words.textSaving;
  const body = new FormData();
  for (const input of fieldset.querySelectorAll("input, select")) {
    if (!["radio", "checkbox"].includes(input.type) || input.checked) body.append(input.name, input.value);
  }
  try {
    const response = await fetch(words.saveUrl.replace(/0\/$/, `${number}/`), {
      method: "POST",
      headers: { "X-CSRFToken": token },
      body,
      signal: AbortSignal.timeout(10000),
    });
    if (response.status >= 500) throw new Error("server");
    const answer = await response.json().catch(() => ({}));
    markOf(fieldset).textContent = response.ok ? words.textSaved : (answer.detail ?? words.textUnsaved);
    const again = waiting.get(number) === "again";
    waiting.delete(number);
    if (again) save(fieldset);
  } catch {
    waiting.set(number, "failed");
    markOf(fieldset).textContent = words.textUnsaved;
  }
  const unsaved = [...waiting.values()].includes("failed");
  status.textContent = unsaved ? words.textUnsaved : words.textSaved;
}

form.addEventListener("change", (event) => {
  const fieldset = event.target.closest("[data-question]");
  if (fieldset) save(fieldset);
});

function retry() {
  for (const [number, state] of waiting) {
    if (state === "failed") save(form.querySelector(`[data-question="${number}"]`));
  }
}
setInterval(retry, 5000);
window.addEventListener("online", retry);

// The time left came from the server; from there on only this page's own steps are counted, never its clock.
const opened = performance.now();
const time = form.querySelector("[data-time]");

function count() {
  const left = Math.max(0, Math.ceil(Number(words.secondsLeft) - (performance.now() - opened) / 1000));
  const clock = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  time.textContent = words.textLeft.replace("{time}", clock);
  if (left === 0 && !leaving) {
    leaving = true;
    form.action = words.submitUrl;
    form.submit();
  }
}
count();
setInterval(count, 1000);
