// data-behaviour="ranking": the order of a board changes while prices move, so it is fetched anew at a calm pace.
// Its links change the board without leaving the page; without script they are ordinary links.
import { attachAll } from "../_ui/attach.js";
import { poll } from "../_ui/poll.js";

const EVERY_MS = 15_000;

/** @param {HTMLElement} section */
export function connect(section) {
  let address = location.href;
  /** @param {string} url */
  const fetchInto = async (url) => {
    const response = await fetch(url, { credentials: "same-origin" });
    if (!response.ok) throw new Error(String(response.status));
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.getElementById(section.id);
    if (!fresh || section.contains(document.activeElement)) return;
    section.replaceChildren(...fresh.childNodes);
    attachAll(section);
    document.dispatchEvent(new CustomEvent("market-rows-changed"));
  };
  section.addEventListener("click", async (event) => {
    const link = /** @type {HTMLElement} */ (event.target).closest("a[href*='board=']");
    if (!link) return;
    event.preventDefault();
    address = /** @type {HTMLAnchorElement} */ (link).href;
    /** @type {HTMLElement} */ (link).blur();
    try {
      await fetchInto(address);
      history.replaceState(null, "", address);
    } catch {
      location.href = address;
    }
  });
  poll(() => fetchInto(address), EVERY_MS);
}
