// Press and hold, hover, or the arrow keys: which place of a chart is being read.

const HOLD_MS = 250;
const MOVE_PX_MAX = 8;

/**
 * @param {HTMLElement} target where fingers and the mouse are
 * @param {HTMLElement} focused what takes the keys
 * @param {{at: (x: number) => void, step: (way: -1 | 1) => void, away: () => void}} reader x in CSS pixels of the target
 */
export function holdToRead(target, focused, reader) {
  let timer = 0;
  let isHeld = false;
  let left = 0;
  let from = { x: 0, y: 0 };
  const measure = () => {
    left = target.getBoundingClientRect().left;
  };
  const release = () => {
    clearTimeout(timer);
    isHeld = false;
    reader.away();
  };
  target.addEventListener(
    "touchstart",
    (event) => {
      const touch = event.touches[0];
      if (!touch) return;
      from = { x: touch.clientX, y: touch.clientY };
      clearTimeout(timer);
      timer = window.setTimeout(() => {
        isHeld = true;
        // Nothing scrolls while a finger holds: once is enough, and no frame has to lay the page out for it.
        measure();
        reader.at(from.x - left);
      }, HOLD_MS);
    },
    { passive: true },
  );
  target.addEventListener(
    "touchmove",
    (event) => {
      const touch = event.touches[0];
      if (!touch) return;
      if (isHeld) {
        event.preventDefault();
        reader.at(touch.clientX - left);
      } else if (Math.hypot(touch.clientX - from.x, touch.clientY - from.y) > MOVE_PX_MAX) clearTimeout(timer);
    },
    { passive: false },
  );
  for (const name of ["touchend", "touchcancel"]) target.addEventListener(name, release);
  target.addEventListener("contextmenu", (event) => event.preventDefault());
  target.addEventListener("mouseenter", measure);
  target.addEventListener("mousemove", (event) => reader.at(event.clientX - left));
  target.addEventListener("mouseleave", release);
  focused.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (way === undefined || event.target !== focused) return;
    event.preventDefault();
    reader.step(way < 0 ? -1 : 1);
  });
  focused.addEventListener("blur", () => reader.away());
}
