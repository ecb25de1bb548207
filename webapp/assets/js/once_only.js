// form[data-once]: a second click on the button does not send the form a second time.
export function onceOnly(root) {
  for (const form of root.querySelectorAll("form[data-once]")) {
    let sentAt = 0;
    form.addEventListener("submit", (event) => {
      if (event.defaultPrevented) return;
      if (sentAt && Date.now() - sentAt < 10000) event.preventDefault();
      else sentAt = Date.now();
    });
    addEventListener("pageshow", () => {
      sentAt = 0;
    });
  }
}
