// data-behaviour="single-tap": a form's button works once; a second tap in the same sending does nothing.

const FREE_AGAIN_MS = 8_000;

/** @param {HTMLElement} element */
export function connect(element) {
  const button = /** @type {HTMLButtonElement} */ (element);
  const form = button.form;
  if (!form) return;
  /** @param {boolean} isBusy */
  const mark = (isBusy) => {
    form.toggleAttribute("data-sending", isBusy);
    button.setAttribute("aria-disabled", String(isBusy));
  };
  form.addEventListener("submit", (event) => {
    if (form.hasAttribute("data-sending")) {
      event.preventDefault();
      return;
    }
    mark(true);
    window.setTimeout(() => mark(false), FREE_AGAIN_MS);
  });
  window.addEventListener("pageshow", () => mark(false));
}
