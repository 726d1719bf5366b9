// One part of a page, fetched anew from an address and put in place of what stands there.
import { attachAll } from "../_ui/attach.js";

/**
 * @param {HTMLElement} part has an id; left alone while somebody's finger or key is in it
 * @param {string} address
 */
export async function fetchPart(part, address) {
  const response = await fetch(address, { credentials: "same-origin" });
  if (!response.ok) throw new Error(String(response.status));
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const fresh = page.getElementById(part.id);
  if (!fresh || part.contains(document.activeElement)) return;
  part.replaceChildren(...fresh.childNodes);
  attachAll(part);
  document.dispatchEvent(new CustomEvent("market-rows-changed"));
}
