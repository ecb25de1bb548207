// form[data-inbox]: the row that one was at is marked, and whoever comes back from a task finds the list where it was.
const KEPT = "list-place";

export function listPlace(root) {
  const list = root.querySelector("form[data-inbox]");
  if (!list) return;
  const rows = [...list.querySelectorAll("[data-row]")];
  const kept = recall();
  const cameBack = /^\/tasks\/[0-9a-f-]{36}/.test(path(document.referrer));
  if (kept?.address === address() && cameBack) {
    const named = rows.find((row) => row.id === location.hash.slice(1)) ?? rows.find((row) => row.id === kept.row);
    mark(rows, named ?? rows[Math.min(kept.index, rows.length - 1)]);
    history.replaceState(history.state, "", kept.address);
    const restore = () => scrollTo({ top: kept.top, behavior: "instant" });
    restore();
    addEventListener("load", () => setTimeout(restore)); // after the browser has gone to the place that the address names
  }
  addEventListener("pagehide", () => remember(rows));
  list.addEventListener("click", (event) => {
    const row = event.target.closest("[data-row]");
    if (row) mark(rows, row);
  });
}

export function mark(rows, row) {
  for (const other of rows) other.classList.toggle("current", other === row);
}

function address() {
  return location.pathname + location.search;
}

function path(url) {
  try {
    return new URL(url).pathname;
  } catch {
    return "";
  }
}

function remember(rows) {
  const index = rows.findIndex((row) => row.classList.contains("current"));
  try {
    sessionStorage.setItem(KEPT, JSON.stringify({ address: address(), top: scrollY, row: rows[index]?.id, index: Math.max(0, index) }));
  } catch {
    // a browser that keeps nothing starts at the top
  }
}

function recall() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  } catch {
    return null;
  }
}
