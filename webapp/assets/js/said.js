// Texts in the language of the page: an English page brings its own words along, a Chinese one needs none.
const words = document.getElementById("texts");
const known = words ? JSON.parse(words.content) : {};

export const isChinese = document.documentElement.lang !== "en";

// The text, with {name} filled in from values.
export function said(text, values = {}) {
  return (known[text] ?? text).replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);
}
