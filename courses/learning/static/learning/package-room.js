// Put first into each page of a package. A frame without an origin has no storage and no cookies, and finds no LMS in the
// windows above it; courseware that asks for them without a second thought would stop. So it finds them here, for as long
// as the page is open. Nothing it says leaves the frame: what a browser reports proves nothing.
(() => {
  const give = (name, value) => {
    try {
      if (window[name]) return;
    } catch {
      // Not to be had without an origin: ours takes its place.
    }
    Object.defineProperty(window, name, { value, configurable: true });
  };

  function storage() {
    const kept = new Map();
    return {
      get length() { return kept.size; },
      key: (index) => [...kept.keys()][index] ?? null,
      getItem: (name) => kept.get(String(name)) ?? null,
      setItem: (name, value) => { kept.set(String(name), String(value)); },
      removeItem: (name) => { kept.delete(String(name)); },
      clear: () => { kept.clear(); },
    };
  }

  // SCORM 1.2 and 2004: the same few calls under two sets of names. Everything succeeds, and is forgotten.
  function lms(prefix, names) {
    const told = new Map([["cmi.core.lesson_mode", "normal"], ["cmi.mode", "normal"]]);
    const calls = {
      begin: () => "true",
      end: () => "true",
      get: (name) => told.get(name) ?? "",
      set: (name, value) => { told.set(name, String(value)); return "true"; },
      keep: () => "true",
      error: () => "0",
      text: () => "",
    };
    return Object.fromEntries(Object.entries(names).map(([name, call]) => [prefix + name, calls[call]]));
  }

  give("localStorage", storage());
  give("sessionStorage", storage());
  try {
    void document.cookie;
  } catch {
    Object.defineProperty(document, "cookie", { get: () => "", set: () => {}, configurable: true });
  }
  const names = { GetValue: "get", SetValue: "set", Commit: "keep", GetLastError: "error", GetErrorString: "text", GetDiagnostic: "text" };
  give("API", lms("LMS", { Initialize: "begin", Finish: "end", ...names }));
  give("API_1484_11", lms("", { Initialize: "begin", Terminate: "end", ...names }));
})();
