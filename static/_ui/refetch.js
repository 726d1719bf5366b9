// data-behaviour="refetch": when the page comes back, fetch it again and replace this element by its new self (found by id).
// Private pages reload as a whole, so that an ended session leads to the sign-in page.
import { attachAll } from "./attach.js";
import { onReturn } from "./lifecycle.js";

/** @param {HTMLElement} element */
async function refetch(element) {
  const response = await fetch(location.href, { credentials: "same-origin" });
  if (!response.ok || response.redirected) {
    location.reload();
    return;
  }
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const fresh = page.getElementById(element.id);
  const current = document.getElementById(element.id);
  if (!fresh || !current) return;
  current.replaceWith(fresh);
  attachAll();
}

/** @param {HTMLElement} element */
export function connect(element) {
  const stop = onReturn(() => {
    stop();
    refetch(element).catch(() => connect(element));
  });
}
