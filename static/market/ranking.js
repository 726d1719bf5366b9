// data-behaviour="ranking": the order of a board changes while prices move, so it is fetched anew at a calm pace.
// Its links change the board without leaving the page; without script they are ordinary links.
import { poll } from "../_ui/poll.js";
import { fetchPart } from "./fetched-part.js";

const EVERY_MS = 15_000;

/** @param {HTMLElement} section */
export function connect(section) {
  let address = location.href;
  /** @param {string} url */
  const fetchInto = (url) => fetchPart(section, url);
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
