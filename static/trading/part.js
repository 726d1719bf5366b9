// A part of the page fetched anew: the server draws it, the script only puts it in place.
import { attachAll } from "../_ui/attach.js";

/**
 * Fetch this page again and put the new self of an element (found by its id) in its place where it differs.
 * A private page that is no longer open, or a session that ended, loads as a whole, so that nothing private stays.
 * @param {string} id
 * @returns {Promise<HTMLElement | null>} what stands there now; null when the page is leaving
 */
export async function renewPart(id) {
  const response = await fetch(location.href, { credentials: "same-origin", headers: { Accept: "text/html" } });
  if (response.status >= 500) throw new Error("no answer");
  if (!response.ok || response.redirected) {
    location.reload();
    return null;
  }
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const fresh = page.getElementById(id);
  const current = document.getElementById(id);
  if (!fresh || !current) return current;
  keepOpen(current, fresh);
  if (fresh.outerHTML === current.outerHTML) return current;
  const focused = pathOfFocus(current);
  current.replaceWith(fresh);
  attachAll();
  if (focused) /** @type {HTMLElement | null} */ (document.querySelector(focused))?.focus({ preventScroll: true });
  return fresh;
}

/**
 * Rows that the reader opened stay open.
 * @param {HTMLElement} current
 * @param {HTMLElement} fresh
 */
function keepOpen(current, fresh) {
  for (const row of current.querySelectorAll("details[open][id]")) {
    fresh.querySelector(`[id="${row.id}"]`)?.setAttribute("open", "");
  }
}

/**
 * How to find the focused element again: by what a tester finds it by.
 * @param {HTMLElement} current
 */
function pathOfFocus(current) {
  const focused = document.activeElement;
  if (!focused || !current.contains(focused)) return "";
  const marked = focused.closest("[data-testid]");
  const row = focused.closest("[id]");
  if (marked === focused) return `[data-testid="${focused.getAttribute("data-testid")}"]`;
  return row && row !== current ? `[id="${row.id}"] > summary` : "";
}
