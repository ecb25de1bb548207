// The tools above the canvas: undo, search, zoom, layout, export.
import { said } from "../js/said.js";

const STEP = 0.25;
const LEGIBLE = 0.5; // below it the editor hides what stands beside elements

export function tools(bar, modeler, page) {
  const commands = modeler.get("commandStack");
  const acts = [
    [said("撤销"), "Ctrl+Z", () => commands.canUndo() && commands.undo()],
    [said("重做"), "Ctrl+Y", () => commands.canRedo() && commands.redo()],
    [said("查找"), "Ctrl+F", () => setTimeout(() => modeler.get("searchPad").toggle())], // a click that goes on closes it again,
    [said("放大"), said("Ctrl+加号"), () => modeler.get("zoomScroll").stepZoom(STEP)],
    [said("缩小"), said("Ctrl+减号"), () => modeler.get("zoomScroll").stepZoom(-STEP)],
    [said("全图"), "", () => fit(modeler.get("canvas"))],
    [said("缩略图"), "", () => modeler.get("minimap").toggle()],
    [said("自动排版"), "", () => arrange(modeler, page)],
    [said("模拟"), "", () => simulate(modeler, page.reveal)],
    [said("键盘"), "", () => help(bar)],
    [said("导出 BPMN"), "", async () => save("bpmn", "application/xml", (await modeler.saveXML({ format: true })).xml)],
    [said("导出 SVG"), "", async () => save("svg", "image/svg+xml", (await modeler.saveSVG()).svg)],
    [said("导出 PNG"), "", async () => savePicture((await modeler.saveSVG()).svg)],
  ];
  bar.append(...acts.map(([label, keys, act]) => button(label, keys, act)));
}

const PALETTE = 130; // pixels that the palette covers at the left
const EDGE = 20;

// The whole diagram, beside the palette and not under it.
export function fit(canvas) {
  canvas.zoom("fit-viewport");
  const { inner, outer } = canvas.viewbox();
  const room = { width: outer.width - PALETTE - EDGE, height: outer.height - 2 * EDGE };
  if (!inner.width || room.width < PALETTE) return;
  const scale = Math.min(room.width / inner.width, room.height / inner.height, 1);
  const [x, y] = [inner.x - PALETTE / scale, inner.y - EDGE / scale];
  canvas.viewbox({ x, y, width: outer.width / scale, height: outer.height / scale });
}

function button(label, keys, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn btn-sm";
  made.textContent = label;
  if (keys) made.title = keys;
  made.addEventListener("click", act);
  return made;
}

const KEYS = [
  [said("Ctrl+Z、Ctrl+Y"), said("撤销、重做")],
  [said("Ctrl+C、Ctrl+X、Ctrl+V"), said("复制、剪切、粘贴选中的图形")],
  ["Ctrl+A", said("全选")],
  ["Ctrl+F", said("查找环节")],
  ["Delete", said("删除选中的图形")],
  ["E", said("修改名称")],
  [said("A、N"), said("在选中的环节之后添加；在画布上新建")],
  ["R", said("更换选中环节的类型")],
  [said("L、S、H、C"), said("框选；挪出空白；移动画布；连线")],
  [said("方向键、Shift+方向键"), said("移动选中的图形，每次 1 或 10 像素")],
  [said("Ctrl+方向键"), said("移动画布")],
  [said("Ctrl+加号、Ctrl+减号、Ctrl+0"), said("放大、缩小、原大小")],
];

function help(bar) {
  const dialog = document.createElement("dialog");
  dialog.className = "designer-keys";
  dialog.setAttribute("aria-label", said("流程图的键盘操作"));
  const rows = KEYS.map(([keys, act]) => {
    const term = Object.assign(document.createElement("dt"), { textContent: keys });
    return [term, Object.assign(document.createElement("dd"), { textContent: act })];
  });
  const list = document.createElement("dl");
  list.append(...rows.flat());
  const close = button(said("关闭"), "", () => dialog.close());
  dialog.append(Object.assign(document.createElement("h2"), { textContent: said("键盘操作") }), list, close);
  dialog.addEventListener("close", () => dialog.remove());
  bar.append(dialog);
  dialog.showModal();
}

// What can be triggered is drawn only where it can be read: simulation begins at the start of the process.
function simulate(modeler, reveal) {
  modeler.get("toggleMode").toggleMode();
  const start = modeler.get("elementRegistry").find(({ type, parent }) => type === "bpmn:StartEvent" && parent?.type !== "bpmn:SubProcess");
  if (start && modeler.get("canvas").zoom() < LEGIBLE) reveal(start.id);
}

async function arrange(modeler, { replace, layOut, say }) {
  if (!confirm(said("自动排版会重新摆放全部图形（连接和属性不变），之前的摆放不能撤销。确定排版？"))) return;
  try {
    await replace(await layOut((await modeler.saveXML()).xml));
    fit(modeler.get("canvas"));
  } catch (error) {
    say(said("没有排版：{reason}", { reason: error.message }));
  }
}

function save(ending, type, content) {
  const name = location.pathname.split("/").at(-1);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  link.download = `${name}.${ending}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

async function savePicture(svg) {
  const picture = new Image();
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await picture.decode();
  const canvas = document.createElement("canvas");
  canvas.width = picture.width * 2;
  canvas.height = picture.height * 2;
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  canvas.toBlob((blob) => save("png", "image/png", blob));
}
