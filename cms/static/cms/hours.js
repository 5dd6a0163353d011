// Recomputes "claims … class-hours, holds … minutes" while the author writes. Without it the panel shows the saved state.
(() => {
  const panel = document.querySelector("[data-hours]");
  const form = document.getElementById("page-edit-form") || document.querySelector("form[data-edit-form]");
  if (!panel || !form || panel.dataset.ready) return;
  panel.dataset.ready = "yes";
  let waiting = null;
  let running = null;

  async function refresh() {
    running?.abort();
    running = new AbortController();
    const data = new FormData(form);
    const url = new URL(panel.dataset.hours, location.href);
    url.searchParams.set("editor", location.pathname);
    try {
      const answer = await fetch(url, {
        method: "POST",
        body: data,
        signal: running.signal,
        headers: { "X-Requested-With": "XMLHttpRequest" },
      });
      if (answer.ok) panel.innerHTML = await answer.text();
    } catch {
      // The network is away: the last figures stay, saving shows them anew.
    }
  }

  function later() {
    clearTimeout(waiting);
    waiting = setTimeout(refresh, 800);
  }

  form.addEventListener("input", later);
  form.addEventListener("change", later);
  // Choosers and moved lessons change the form without an event of its own.
  new MutationObserver((changes) => {
    if (changes.some((change) => !panel.contains(change.target))) later();
  }).observe(form, { childList: true, subtree: true, attributes: true, attributeFilter: ["value"] });
})();
