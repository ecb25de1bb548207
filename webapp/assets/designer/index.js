// The designer's pages: the editor of a draft, or two versions beside each other.
const editor = document.getElementById("designer");
const comparison = document.querySelector("[data-compare]");
if (editor) import("./editor.js").then(({ start }) => start(editor));
if (comparison) import("./compare.js").then(({ start }) => start(comparison));
