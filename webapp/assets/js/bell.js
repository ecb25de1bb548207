// <a data-bell="address">: how many notices are unread, asked for after the page is there; at most once a minute.
const FRESH_MILLISECONDS = 60_000;

export function bell(root) {
  const link = root.querySelector("[data-bell]");
  if (!link) return;
  const kept = recall();
  if (kept !== null && !location.pathname.startsWith("/notifications")) {
    show(link, kept);
    return;
  }
  fetch(link.dataset.bell, { headers: { Accept: "application/json" } })
    .then((answer) => (answer.ok && !answer.redirected ? answer.json() : null))
    .then((found) => {
      if (!found) return;
      remember(found.unread);
      show(link, found.unread);
    })
    .catch(() => {});
}

function show(link, unread) {
  const count = link.querySelector("[data-bell-count]");
  count.hidden = unread === 0;
  count.textContent = unread > 99 ? "99+" : String(unread);
}

function recall() {
  try {
    const kept = JSON.parse(sessionStorage.getItem("bell") ?? "null");
    return kept && Date.now() - kept.at < FRESH_MILLISECONDS && kept.who === who() ? kept.unread : null;
  } catch {
    return null;
  }
}

function remember(unread) {
  try {
    sessionStorage.setItem("bell", JSON.stringify({ unread, at: Date.now(), who: who() }));
  } catch {
    // a browser that keeps nothing asks again on each page
  }
}

function who() {
  return document.querySelector(".person-name")?.textContent ?? "";
}
