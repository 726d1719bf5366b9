// data-behaviour="sheet" and "open-sheet": half-screen sheets and dialogs; focus stays inside and returns to the opener.

const REACHABLE = "a[href], button:not([disabled]), input:not([type=hidden]), select, textarea, [tabindex='0']";

/** @type {WeakMap<HTMLElement, HTMLElement>} */
const openers = new WeakMap();

/** @param {HTMLElement} sheet */
export function openSheet(sheet) {
  openers.set(sheet, /** @type {HTMLElement} */ (document.activeElement));
  sheet.classList.add("is-open");
  const first = /** @type {HTMLElement | null} */ (sheet.querySelector(REACHABLE));
  first?.focus();
  sheet.dispatchEvent(new CustomEvent("sheet-open", { bubbles: true }));
}

/** @param {HTMLElement} sheet */
export function closeSheet(sheet) {
  sheet.classList.remove("is-open");
  openers.get(sheet)?.focus();
  sheet.dispatchEvent(new CustomEvent("sheet-close", { bubbles: true }));
}

/**
 * Keep Tab inside the sheet.
 * @param {HTMLElement} sheet
 * @param {KeyboardEvent} event
 */
function keepFocus(sheet, event) {
  const reachable = /** @type {HTMLElement[]} */ ([...sheet.querySelectorAll(REACHABLE)]);
  const first = reachable[0];
  const last = reachable[reachable.length - 1];
  const edge = event.shiftKey ? first : last;
  if (document.activeElement !== edge) return;
  event.preventDefault();
  (event.shiftKey ? last : first)?.focus();
}

/** @param {HTMLElement} sheet */
export function connect(sheet) {
  sheet.classList.add("is-attached");
  sheet.addEventListener("click", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    if (target === sheet || target.closest("[data-close]")) closeSheet(sheet);
  });
  sheet.addEventListener("keydown", (event) => {
    if (event.key === "Escape") closeSheet(sheet);
    if (event.key === "Tab") keepFocus(sheet, event);
  });
  if (sheet.hasAttribute("data-open")) openSheet(sheet);
}

/** @param {HTMLElement} opener */
export function connectOpener(opener) {
  opener.addEventListener("click", (event) => {
    const sheet = document.getElementById(opener.dataset.sheet ?? "");
    if (!sheet) return;
    event.preventDefault();
    openSheet(sheet);
  });
}
