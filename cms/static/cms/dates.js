// Attaches Wagtail's calendar to its date fields, which no inline script may do under our policy.
document.addEventListener("DOMContentLoaded", () => {
  for (const mark of document.querySelectorAll("[data-calendar-of]")) {
    const attach = "calendarTime" in mark.dataset ? window.initDateTimeChooser : window.initDateChooser;
    attach?.(mark.dataset.calendarOf, JSON.parse(mark.dataset.calendar));
  }
});
