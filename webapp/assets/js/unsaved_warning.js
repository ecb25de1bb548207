// form[data-warn-unsaved]: leaving with changes that were neither sent nor saved as a draft asks first.
// autosave.js marks a form as clean again by the event "draft-saved".
export function unsavedWarning(root) {
  for (const form of root.querySelectorAll("form[data-warn-unsaved]")) {
    let isDirty = false;
    form.addEventListener("input", () => {
      isDirty = true;
    });
    form.addEventListener("draft-saved", () => {
      isDirty = false;
    });
    form.addEventListener("submit", (event) => {
      if (!event.defaultPrevented) isDirty = false;
    });
    addEventListener("beforeunload", (event) => {
      if (isDirty) event.preventDefault();
    });
  }
}
