// Small manners for every page. Nothing here is needed to use a page: each part improves markup that works without it.

const text = document.body.dataset;

function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}

function megabytes(bytes) {
  const size = bytes / 1048576;
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} MB`;
}

// Speaks through the page's status region.
export function announce(sentence) {
  const region = document.getElementById("notices");
  const template = document.getElementById("notice-template");
  if (!region || !template) return;
  const notice = template.content.cloneNode(true);
  notice.querySelector("[data-notice-text]").textContent = sentence;
  showDismiss(notice);
  region.replaceChildren(notice);
  region.scrollIntoView({ block: "nearest" });
}

function showDismiss(root) {
  for (const button of root.querySelectorAll("[data-dismiss]")) button.hidden = false;
}

// Menus are <details>; they close like menus.
function closeMenus(except) {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (menu !== except) menu.open = false;
  }
}

document.addEventListener("click", (event) => {
  closeMenus(event.target.closest("details[data-menu]"));
  event.target.closest("[data-dismiss]")?.closest(".notice")?.remove();
  if (event.target.closest("[data-print]")) window.print();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = document.querySelector("details[data-menu][open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});

// A file too large, or of a kind the widget does not accept, is refused before a slow network carries it.
function refusalOf(input, file) {
  const limit = Number(input.dataset.maxBytes);
  if (limit && file.size > limit) {
    return fill(text.textTooLarge, { name: file.name, size: megabytes(file.size), limit: megabytes(limit) });
  }
  const types = input.accept.split(",").map((type) => type.trim().toLowerCase()).filter(Boolean);
  const fits = (type) =>
    type.startsWith(".")
      ? file.name.toLowerCase().endsWith(type)
      : type.endsWith("/*")
        ? file.type.startsWith(type.slice(0, -1))
        : file.type === type;
  if (types.length && !types.some(fits)) {
    return fill(text.textWrongType, { name: file.name });
  }
  return "";
}

document.addEventListener("change", (event) => {
  const input = event.target;
  if (!(input instanceof HTMLInputElement) || input.type !== "file") return;
  const refusal = Array.from(input.files, (file) => refusalOf(input, file)).find(Boolean) ?? "";
  input.setCustomValidity(refusal);
  if (refusal) {
    announce(refusal);
    input.value = "";
    input.setCustomValidity("");
  }
});

// data-confirm asks once; data-once locks the button until the answer comes.
async function confirmed(sentence) {
  const dialog = document.getElementById("confirm-dialog");
  dialog.querySelector("#confirm-dialog-text").textContent = sentence;
  dialog.returnValue = "";
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  return dialog.returnValue === "yes";
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const sentence = event.submitter?.dataset.confirm ?? form.dataset.confirm;
  if (sentence && !form.dataset.confirmed) {
    event.preventDefault();
    event.stopImmediatePropagation();
    const submitter = event.submitter;
    if (!(await confirmed(sentence))) return;
    form.dataset.confirmed = "yes";
    form.requestSubmit(submitter);
    delete form.dataset.confirmed;
  }
}, { capture: true });

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!("once" in form.dataset) || event.defaultPrevented) return;
  if (form.getAttribute("aria-busy") === "true") {
    event.preventDefault();
    return;
  }
  form.setAttribute("aria-busy", "true");
  // After this turn, so that the submitter's own name and value are still sent.
  setTimeout(() => {
    for (const button of form.querySelectorAll("button:not([type=button])")) button.disabled = true;
  });
});

// Coming back with the browser's arrow restores the page as it was left: unlock.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[aria-busy=true]")) {
    form.removeAttribute("aria-busy");
    for (const button of form.querySelectorAll("button:disabled")) button.disabled = false;
  }
});

// htmx: a request that did not arrive is told, never swallowed.
document.addEventListener("htmx:sendError", () => announce(text.textNetwork));
document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.xhr.status >= 500) announce(text.textServer);
});

showDismiss(document);
document.querySelector("[data-error-summary]")?.focus();
