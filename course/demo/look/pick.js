// An image on which a place is chosen. props.value = {image: data URI, width, height, answer: the element that
// shows what comes of it}; tells Python x and y, 0..1.
const canvas = element.querySelector("canvas");
const pen = canvas.getContext("2d");
const picture = new Image();
let at = { x: 0.5, y: 0.5 }, keyboard = false; // reached with Tab, it has the arrows; after the mouse the page has them
const show = () => {
  pen.imageSmoothingEnabled = false;
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  const x = at.x * canvas.width, y = at.y * canvas.height;
  for (const [color, width] of [["#000000", 7], ["#ffffff", 3]]) {
    pen.strokeStyle = color; pen.lineWidth = width;
    pen.beginPath();
    pen.moveTo(x - 24, y); pen.lineTo(x - 6, y); pen.moveTo(x + 6, y); pen.lineTo(x + 24, y);
    pen.moveTo(x, y - 24); pen.lineTo(x, y - 6); pen.moveTo(x, y + 6); pen.lineTo(x, y + 24);
    pen.stroke();
  }
};
const answered = () => Number(document.querySelector(`${props.value.answer} [data-pick]`)?.dataset.pick);
const send = window.oneAtATime(answered, (pick) => trigger("input", { ...at, pick }));
const tell = () => { show(); send(); };
canvas.addEventListener("pointerdown", (event) => {
  keyboard = false;
  const box = canvas.getBoundingClientRect();
  at = { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height };
  tell();
});
const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
canvas.addEventListener("focus", () => { keyboard = canvas.matches(":focus-visible"); });
canvas.addEventListener("blur", () => { keyboard = false; });
canvas.addEventListener("keydown", (event) => {
  const move = keyboard && moves[event.key];
  if (!move || event.ctrlKey || event.metaKey || event.altKey) return;
  at = { x: Math.min(1, Math.max(0, at.x + move[0] / 32)), y: Math.min(1, Math.max(0, at.y + move[1] / 32)) };
  event.preventDefault();
  tell();
});
const begin = () => {
  if (!props.value || !props.value.image) return;
  canvas.width = 640;
  canvas.height = Math.round((640 * props.value.height) / props.value.width);
  at = { x: 0.5, y: 0.5 };
  picture.onload = show;
  picture.src = props.value.image;
};
watch("value", begin);
begin();
