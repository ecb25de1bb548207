// Below [data-max-bytes] (a file input or a form around it): says at once that a file is too large instead of after a long upload.
// Below [data-max-total] (a form): the same for all files that would be sent at once.
import { said } from "./said.js";

export function fileSizes(root) {
  root.addEventListener("change", (event) => {
    const input = event.target;
    if (!(input instanceof HTMLInputElement) || input.type !== "file") return;
    const limit = Number(input.closest("[data-max-bytes]")?.dataset.maxBytes ?? Infinity);
    const large = [...input.files].filter((file) => file.size > limit);
    show(input, large.length ? eachTooLarge(large, limit) : togetherTooLarge(input));
  });
}

function eachTooLarge(large, limit) {
  const files = large.map((file) => said("{name}（{size} MB）", { name: file.name, size: inMegabytes(file.size) })).join(said("、"));
  return said("文件过大，无法上传：{files}。每个文件不超过 {limit} MB，请压缩后重新选择。", { files, limit: inMegabytes(limit) });
}

function togetherTooLarge(input) {
  const limit = Number(input.form?.dataset.maxTotal ?? Infinity);
  const inputs = [...(input.form?.querySelectorAll("input[type=file]") ?? [])];
  const total = inputs.flatMap((one) => [...one.files]).reduce((sum, file) => sum + file.size, 0);
  if (total <= limit) return "";
  const sizes = { total: inMegabytes(total), limit: inMegabytes(limit) };
  return said("一次选择的文件合计 {total} MB，超过一次提交的上限 {limit} MB。请少选几个，先点“保存草稿”上传，再选其余的。", sizes);
}

function inMegabytes(size) {
  return (size / 1024 / 1024).toFixed(1).replace(/\.0$/, "");
}

function show(input, words) {
  const id = `${input.id || input.name}-size`;
  let place = document.getElementById(id);
  if (!place) {
    place = document.createElement("p");
    place.id = id;
    place.className = "field-error";
    place.setAttribute("role", "alert");
    input.after(place);
  }
  place.textContent = words;
  place.hidden = !words;
  if (words) input.value = "";
}
