// data-behaviour="subscribe": readies WeChat's own <wx-open-subscribe> buttons, and counts anew after an answer.
import { read } from "../_ui/send.js";
import { ready } from "./js-sdk.js";

const COUNT_AGAIN_MS = [400, 1500, 4000];

/** @param {HTMLElement} element */
export function connect(element) {
  const trouble = /** @type {HTMLElement} */ (document.querySelector("[data-part='trouble']"));
  const fail = () => {
    trouble.hidden = false;
  };
  if (!element.hasAttribute("data-asks")) return;
  ready().catch(fail);
  for (const ask of element.querySelectorAll("wx-open-subscribe")) {
    ask.addEventListener("success", () => countAgain(element));
    ask.addEventListener("error", fail);
  }
}

/**
 * WeChat tells our server of the answer a little later than this page.
 * @param {HTMLElement} element
 */
function countAgain(element) {
  for (const wait of COUNT_AGAIN_MS) window.setTimeout(() => count(element).catch(() => {}), wait);
}

/** @param {HTMLElement} element */
async function count(element) {
  const { kinds } = await read(location.pathname);
  for (const { kind, left } of kinds) {
    const place = element.querySelector(`[data-kind="${kind}"] [data-part="left"]`);
    if (place) place.textContent = String(left);
  }
}
