// One message at a time from a canvas: the next is sent when the one before is answered, and the last one always is.
// `answered` returns the number of the message that the page shows. Gradio's own ways drop the last, or send it stale.
window.oneAtATime = (answered, send) => {
  let number = 0, waiting = 0, since = 0, due = false;
  const step = () => {
    if (waiting && (answered() === waiting || performance.now() - since > 3000)) waiting = 0;
    if (due && !waiting) {
      due = false;
      waiting = ++number;
      since = performance.now();
      send(number);
    }
    if (waiting || due) requestAnimationFrame(step);
  };
  return () => {
    const resting = !waiting && !due;
    due = true;
    if (resting) requestAnimationFrame(step);
  };
};

// Whether the keys belong to what has the focus: a text, a list.
window.typing = (target) => target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable], [role=listbox]");

// The keyboard: a lecture is held with a presenter's remote or standing beside the laptop.
(() => {
  const HELP = `<h3>Keys</h3><ul>
    <li><kbd>1</kbd> … <kbd>6</kbd> the tabs</li>
    <li><kbd>→</kbd> <kbd>←</kbd> (or <kbd>Page ↓</kbd> <kbd>Page ↑</kbd>) next and previous: step, trap, mistake</li>
    <li><kbd>Space</kbd> start, pause, play</li>
    <li><kbd>A</kbd> show or hide the answer</li>
    <li><kbd>D</kbd> dark or light</li>
    <li><kbd>Tab</kbd> from one control to the next; sliders and lists take the arrow keys</li>
    <li>Drawing: <kbd>E</kbd> eraser, <kbd>+</kbd> <kbd>−</kbd> brush, <kbd>Z</kbd> undo, <kbd>C</kbd> clear,
      <kbd>T</kbd> the truth's outline</li>
    <li>Drawing without a mouse: <kbd>Tab</kbd> to it, arrows move, <kbd>Space</kbd> paints, <kbd>Esc</kbd> ends</li>
    <li><kbd>?</kbd> this list</li></ul>`;
  const shown = (selector) => [...document.querySelectorAll(selector)].find((found) => found.offsetParent !== null);
  const press = (selector) => {
    const found = shown(selector + " button") || shown("button" + selector);
    if (found && !found.disabled) found.click();
    return Boolean(found);
  };
  const help = () => {
    let list = document.querySelector(".keys");
    if (!list) {
      list = document.createElement("div");
      list.className = "keys";
      list.innerHTML = HELP;
      document.body.append(list);
    }
    list.classList.toggle("open");
  };
  const answer = () => {
    const found = shown("details.answer");
    if (found) found.open = !found.open;
  };
  const keys = {
    ArrowRight: () => press(".key-next"), PageDown: () => press(".key-next"),
    ArrowLeft: () => press(".key-back"), PageUp: () => press(".key-back"),
    " ": () => press(".key-go"),
    a: () => { answer(); return true; },
    d: () => { document.body.classList.toggle("dark"); return true; },
    "?": () => { help(); return true; },
    Escape: () => { document.querySelector(".keys.open")?.classList.remove("open"); document.activeElement.blur(); },
  };
  // What the mouse has touched gives the keyboard back to the page: else Space would press the same button again.
  document.addEventListener("pointerup", (event) => {
    const touched = event.target.closest("button, summary, input[type=range]");
    if (touched) setTimeout(() => touched.blur());
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || window.typing(event.target)) return;
    if (event.target.closest("canvas") && event.defaultPrevented) return; // a canvas has keys of its own
    if (event.key === " " && event.target.closest("button, summary, a")) return; // they know what to do with it
    const tabs = document.querySelectorAll(".tab-container button[role=tab], .tab-wrapper button[role=tab]");
    const number = Number(event.key);
    if (number >= 1 && number <= 6 && tabs[number - 1]) {
      tabs[number - 1].click();
      event.preventDefault();
      return;
    }
    const act = keys[event.key] || keys[event.key.toLowerCase()];
    if (act && act()) event.preventDefault();
  });
})();
