// Sentences come from the page in its own language; here they are only filled in.

export const texts = document.querySelector("[data-player-texts]").dataset;

export function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}

export function duration(milliseconds) {
  const whole = Math.floor(milliseconds / 1000);
  const [minutes, seconds] = [Math.floor(whole / 60), whole % 60];
  if (!minutes) return fill(texts.seconds, { s: seconds });
  return fill(seconds ? texts.minutes : texts.wholeMinutes, { m: minutes, s: seconds });
}

export function timecode(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const tail = `${String(minutes).padStart(hours ? 2 : 1, "0")}:${String(seconds % 60).padStart(2, "0")}`;
  return hours ? `${hours}:${tail}` : tail;
}
