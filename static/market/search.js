// data-behaviour="search": what is found appears below while one types. Without script the form asks for the results page.
import { read } from "../_ui/send.js";

const WAIT_MS = 180;
const SHOWN_MAX = 8;

/** @param {HTMLElement} element */
export function connect(element) {
  const form = /** @type {HTMLFormElement} */ (element);
  const input = /** @type {HTMLInputElement} */ (form.querySelector("input[name='q']"));
  const list = /** @type {HTMLElement} */ (form.querySelector("[data-part='found']"));
  let timer = 0;
  let asked = 0;
  const ask = async () => {
    const words = input.value.trim();
    asked += 1;
    const turn = asked;
    if (!words) {
      list.hidden = true;
      return;
    }
    try {
      const answer = await read(`/market/search?q=${encodeURIComponent(words)}`);
      // A slower answer to an older question must not replace a newer one.
      if (turn === asked) show(list, answer.found.slice(0, SHOWN_MAX), form.dataset.nothing ?? "");
    } catch {
      list.hidden = true;
    }
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = window.setTimeout(ask, WAIT_MS);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") list.hidden = true;
  });
  document.addEventListener("click", (event) => {
    if (!form.contains(/** @type {Node} */ (event.target))) list.hidden = true;
  });
}

/**
 * @param {HTMLElement} list
 * @param {{symbol: string, name: string, board: string}[]} found
 * @param {string} nothing
 */
function show(list, found, nothing) {
  list.hidden = false;
  const rows = found.map((one) => {
    const link = document.createElement("a");
    link.href = `/market/${one.symbol}`;
    link.className = "market-search__link";
    link.append(part("market-search__name", one.name), part("ui-quote__code", `${one.symbol} ${one.board}`));
    return item(link);
  });
  list.replaceChildren(...(rows.length > 0 ? rows : [item(part("market-search__nothing", nothing))]));
}

/** @param {string} name @param {string} text */
function part(name, text) {
  const element = document.createElement("span");
  element.className = name;
  element.textContent = text;
  return element;
}

/** @param {HTMLElement} content */
function item(content) {
  const element = document.createElement("li");
  element.append(content);
  return element;
}
