// A canvas to paint a mask on. It tells Python every stroke, and is told by Python what lies under the brush:
// props.value = {image: data URI, loaded: base64, truth: base64, size}. Bytes: 0 background, 1 foreground, 2 not painted.
const canvas = element.querySelector("canvas");
const pen = canvas.getContext("2d");
const buttons = Object.fromEntries([...element.querySelectorAll("button[data-tool]")].map((b) => [b.dataset.tool, b]));
const picture = new Image();
let size = 128, paint = new Uint8Array(0), loaded = new Uint8Array(0), truth = new Uint8Array(0);
let brush = 6, erasing = false, outline = true, cursor = { x: 64, y: 64 }, keyboard = false, history = [];

const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const text = (array) => btoa(Array.from(array, (b) => String.fromCharCode(b)).join(""));

const show = () => {
  const scale = canvas.width / size;
  pen.imageSmoothingEnabled = false;
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  for (let i = 0; i < size * size; i++) {
    const on = paint[i] === 2 ? loaded[i] : paint[i];
    if (on) {
      pen.fillStyle = truth[i] ? "rgba(0,158,115,.45)" : "rgba(213,94,0,.55)";
      pen.fillRect((i % size) * scale, Math.floor(i / size) * scale, scale, scale);
    }
  }
  if (outline) {
    pen.fillStyle = "#ffffff";
    for (let i = 0; i < size * size; i++) {
      const x = i % size;
      if (!truth[i]) continue;
      const px = x * scale, py = Math.floor(i / size) * scale;
      if (x > 0 && !truth[i - 1]) pen.fillRect(px - 1, py, 2, scale);
      if (x < size - 1 && !truth[i + 1]) pen.fillRect(px + scale - 1, py, 2, scale);
      if (i >= size && !truth[i - size]) pen.fillRect(px, py - 1, scale, 2);
      if (i + size < size * size && !truth[i + size]) pen.fillRect(px, py + scale - 1, scale, 2);
    }
  }
  if (keyboard) {
    pen.strokeStyle = "#ffffff"; pen.lineWidth = 3;
    pen.beginPath(); pen.arc(cursor.x * scale, cursor.y * scale, brush * scale, 0, 7); pen.stroke();
    pen.strokeStyle = "#000000"; pen.lineWidth = 1; pen.stroke();
  }
  buttons.paint.setAttribute("aria-pressed", !erasing);
  buttons.erase.setAttribute("aria-pressed", erasing);
  buttons.truth.setAttribute("aria-pressed", outline);
  element.querySelector(".brush").textContent = brush;
};

const answered = () => Number(document.querySelector("#numbers [data-stroke]")?.dataset.stroke);
const tell = window.oneAtATime(answered, (stroke) => trigger("input", { paint: text(paint), stroke }));
const remember = () => { history.push(paint.slice()); history = history.slice(-40); };
const dab = (x, y, erase) => {
  for (let r = Math.max(0, Math.floor(y - brush)); r <= Math.min(size - 1, Math.ceil(y + brush)); r++)
    for (let c = Math.max(0, Math.floor(x - brush)); c <= Math.min(size - 1, Math.ceil(x + brush)); c++)
      if ((c + 0.5 - x) ** 2 + (r + 0.5 - y) ** 2 <= brush * brush) paint[r * size + c] = erase ? 0 : 1;
};
const line = (from, to, erase) => {
  const steps = Math.max(1, Math.ceil(Math.hypot(to.x - from.x, to.y - from.y)));
  for (let s = 0; s <= steps; s++) dab(from.x + ((to.x - from.x) * s) / steps, from.y + ((to.y - from.y) * s) / steps, erase);
};
const place = (event) => {
  const box = canvas.getBoundingClientRect();
  return { x: ((event.clientX - box.left) / box.width) * size, y: ((event.clientY - box.top) / box.height) * size };
};

let last = null, erase = false;
canvas.addEventListener("contextmenu", (event) => event.preventDefault());
canvas.addEventListener("pointerdown", (event) => {
  canvas.setPointerCapture(event.pointerId);
  remember();
  keyboard = false;
  erase = erasing || event.button === 2 || event.shiftKey;
  last = place(event);
  dab(last.x, last.y, erase); show(); tell();
});
canvas.addEventListener("pointermove", (event) => {
  if (!last) return;
  const now = place(event);
  line(last, now, erase);
  last = now; show(); tell();
});
const lift = () => { if (last) { last = null; tell(); } };
canvas.addEventListener("pointerup", lift);
canvas.addEventListener("pointercancel", lift);

const tools = {
  paint: () => { erasing = false; },
  erase: () => { erasing = !erasing; },
  smaller: () => { brush = Math.max(1, brush - 1); },
  larger: () => { brush = Math.min(40, brush + 1); },
  undo: () => { if (history.length) { paint = history.pop(); tell(); } },
  clear: () => { remember(); paint.fill(2); tell(); },
  truth: () => { outline = !outline; },
};
for (const [name, button] of Object.entries(buttons)) button.addEventListener("click", () => { tools[name](); show(); });
const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const letters = { e: "erase", p: "paint", "+": "larger", "=": "larger", "-": "smaller", z: "undo", c: "clear", t: "truth" };
// Reached with Tab, the drawing has the arrows and Space; after the mouse they stay the page's, as everywhere.
canvas.addEventListener("keydown", (event) => {
  if (!keyboard || event.ctrlKey || event.metaKey || event.altKey) return;
  const step = Math.max(1, Math.round(brush / 2));
  if (moves[event.key]) {
    cursor.x = Math.min(size, Math.max(0, cursor.x + step * moves[event.key][0]));
    cursor.y = Math.min(size, Math.max(0, cursor.y + step * moves[event.key][1]));
  } else if (event.key === " " || event.key === "Enter") {
    remember(); dab(cursor.x, cursor.y, erasing); tell();
  } else return;
  event.preventDefault();
  show();
});
document.addEventListener("keydown", (event) => {
  const tool = tools[letters[event.key.toLowerCase()]];
  if (!tool || !canvas.offsetParent || event.ctrlKey || event.metaKey || event.altKey || window.typing(event.target)) return;
  tool();
  event.preventDefault();
  show();
});
canvas.addEventListener("focus", () => { keyboard = canvas.matches(":focus-visible"); show(); });
canvas.addEventListener("blur", () => { keyboard = false; show(); });

const begin = () => {
  if (!props.value || !props.value.image) return;
  size = props.value.size;
  loaded = bytes(props.value.loaded);
  truth = bytes(props.value.truth);
  paint = new Uint8Array(size * size).fill(2);
  history = [];
  picture.onload = show;
  picture.src = props.value.image;
};
watch("value", begin);
begin();
