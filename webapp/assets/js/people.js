// fieldset[data-people=address]: finds people while somebody types; who is ticked already stays in the list. Without a script
// the button beside the field does the same.
const PAUSE = 250;

export function people(root) {
  for (const field of root.querySelectorAll("fieldset[data-people]")) watch(field);
}

function watch(field) {
  const search = field.querySelector('input[type="search"]');
  const button = field.querySelector(".people-search button");
  let timer = 0;
  let last = search.value;
  button.hidden = true;

  async function find() {
    const wanted = search.value.trim();
    if (wanted === last) return;
    last = wanted;
    const address = new URL(field.dataset.people, location.href);
    address.searchParams.set("q", wanted);
    for (const one of field.querySelectorAll('input[name="to"]:checked')) address.searchParams.append("to", one.value);
    try {
      const answer = await fetch(address, { headers: { Accept: "text/html" } });
      if (!answer.ok || answer.redirected || wanted !== last) return;
      const found = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-people-found]");
      if (found) field.querySelector("[data-people-found]").replaceWith(found);
    } catch {
      button.hidden = false; // the way without a script
    }
  }

  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(find, PAUSE);
  });
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    clearTimeout(timer);
    find();
  });
}
