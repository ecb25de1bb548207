// What a click on the mark of the editors' makers says, in Chinese; the box hangs on the page, outside of the editors.
import { dictionary, speak } from "./wording.js";

const find = dictionary({ Close: "关闭" }, [[/^Web-based tooling for BPMN, DMN,? and forms powered by$/, "网页上的 BPMN、DMN 和表单工具，来自"]]);

export function translateCredits() {
  const observer = new MutationObserver((changes) => {
    for (const box of changes.flatMap((change) => [...change.addedNodes])) {
      if (String(box.className).includes("powered-by-lightbox")) speak(box, find);
    }
  });
  observer.observe(document.body, { childList: true });
}
