// data-behaviour="read-through": the box must be scrolled to its end before the checkbox named by data-opens can be ticked.
// Without script it is an ordinary box and an ordinary required checkbox.

const END_PIXELS = 8;

/** @param {HTMLElement} box */
function isAtEnd(box) {
  return box.scrollTop + box.clientHeight >= box.scrollHeight - END_PIXELS;
}

/** @param {HTMLElement} box */
export function connect(box) {
  const tick = document.querySelector(`input[name="${box.dataset.opens}"]`);
  if (!(tick instanceof HTMLInputElement)) return;
  const follow = () => {
    const isRead = isAtEnd(box);
    tick.disabled = !isRead;
    tick.closest("label")?.classList.toggle("is-unread", !isRead);
    if (isRead) box.removeEventListener("scroll", follow);
  };
  box.addEventListener("scroll", follow, { passive: true });
  follow();
}
