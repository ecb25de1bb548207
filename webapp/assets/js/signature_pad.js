// form[data-signature-field]: the file field of that name gets a pad to write on; each stroke puts the picture into the field.
// Without a script, or by keyboard alone, a picture is chosen as for any other file.
import { said } from "./said.js";

const INK = "#14213d";
const NAME = "手写签名.png";

export function signaturePad(root) {
  for (const form of root.querySelectorAll("form[data-signature-field]")) {
    const equip = () => {
      const input = form.querySelector(`input[type="file"][name="${CSS.escape(form.dataset.signatureField)}"]`);
      if (input && !input.dataset.pad && canFill()) watch(input);
    };
    equip();
    new MutationObserver(equip).observe(form, { childList: true, subtree: true });
  }
}

function canFill() {
  try {
    return Boolean(new DataTransfer());
  } catch {
    return false;
  }
}

function watch(input) {
  input.dataset.pad = "on";
  const pad = document.createElement("div");
  pad.className = "signature-pad";
  pad.innerHTML = `<canvas role="img" aria-label="${said("手写签名区：用鼠标、手指或触控笔书写；不能手写时请选择一张签名图片")}"></canvas>
    <div class="form-buttons"><button class="btn btn-sm" type="button" data-clear>${said("清除重写")}</button><span class="quiet" role="status"></span></div>
    <p class="form-hint">${said("不能手写时，选择一张签名图片：")}</p>`;
  input.before(pad);
  const state = pad.querySelector("[role=status]");
  const paper = sheet(pad.querySelector("canvas"), (blob) => put(new File([blob], NAME, { type: "image/png" }), said("签名已写好，提交时一并保存。")));
  pad.querySelector("[data-clear]").addEventListener("click", () => {
    paper.clear();
    put(null, said("已清除。"));
  });
  input.addEventListener("change", () => {
    if (input.files.length && input.files[0].name !== NAME) state.textContent = said("将使用所选的图片。");
  });

  function put(file, words) {
    const files = new DataTransfer();
    if (file) files.items.add(file);
    input.files = files.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
    input.dispatchEvent(new Event("input", { bubbles: true }));
    state.textContent = words;
  }
}

// A white sheet that takes strokes and hands over its picture after each.
function sheet(canvas, done) {
  let from = null;
  let isFresh = false;

  function prepare() {
    if (isFresh) return;
    isFresh = true;
    canvas.width = canvas.clientWidth * 2;
    canvas.height = canvas.clientHeight * 2;
    const context = canvas.getContext("2d");
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    Object.assign(context, { lineWidth: 5, lineCap: "round", lineJoin: "round", strokeStyle: INK });
  }

  function place(event) {
    const frame = canvas.getBoundingClientRect();
    return [((event.clientX - frame.left) * canvas.width) / frame.width, ((event.clientY - frame.top) * canvas.height) / frame.height];
  }

  function stroke(to) {
    const context = canvas.getContext("2d");
    context.beginPath();
    context.moveTo(...from);
    context.lineTo(...to);
    context.stroke();
    from = to;
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    prepare();
    canvas.setPointerCapture(event.pointerId);
    from = place(event);
    stroke([from[0] + 0.1, from[1]]);
    event.preventDefault();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (from) for (const one of event.getCoalescedEvents?.() ?? [event]) stroke(place(one));
  });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, () => {
      if (!from) return;
      from = null;
      canvas.toBlob(done, "image/png");
    });
  }
  return {
    clear() {
      isFresh = false;
      prepare();
    },
  };
}
