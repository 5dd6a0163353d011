// Brings the cover's chooser to life; Wagtail itself would do this from an inline script.
document.addEventListener("DOMContentLoaded", () => {
  for (const input of document.querySelectorAll("input[data-cover-chooser]")) {
    new window.ImageChooser(input.id, { modalUrl: input.dataset.coverChooser });
  }
});
