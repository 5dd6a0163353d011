// Says in words why a security key did not answer; allauth's script asks it.

import { announce } from "../site/app.js";

const { textCancelled, textKnown, textUnsupported } = document.querySelector("[data-text-unsupported]").dataset;

const SENTENCES = { InvalidStateError: textKnown, NotAllowedError: textCancelled, AbortError: textCancelled };

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  announce(SENTENCES[event.detail.exception?.name] ?? textUnsupported);
});
