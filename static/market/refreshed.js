// data-behaviour="refreshed": what the server drew is fetched anew every data-every-seconds, while the page is seen.
import { poll } from "../_ui/poll.js";
import { fetchPart } from "./fetched-part.js";

/** @param {HTMLElement} part */
export function connect(part) {
  poll(() => fetchPart(part, location.href), Number(part.dataset.everySeconds) * 1000);
}
