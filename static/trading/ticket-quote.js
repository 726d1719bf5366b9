// data-behaviour="ticket-quote": the price at the ticket's head, its five levels and its price chips move with the market.
import { changeRatio, direction, lots, price, priceSentence } from "../_ui/format.js";
import { followQuotes } from "../market/quote-source.js";

/** @typedef {import("../market/facts.js").Row} Row */

const WAYS = ["is-up", "is-down", "is-flat"];
const PLACES = [1, 2, 3, 4, 5];

/** @param {HTMLElement} head */
export function connect(head) {
  const { symbol = "", decimals, lot } = head.dataset;
  const shown = { decimals: Number(decimals ?? 2), lot: Number(lot ?? 100) };
  followQuotes([symbol], {
    onRow: (row) => {
      if (row.symbol !== symbol) return;
      showHead(head, row, shown.decimals);
      showLevels(row, shown);
      showChips(row, shown.decimals);
    },
    onState: (state) => {
      const line = /** @type {HTMLElement | null} */ (document.querySelector("[data-part='stale']"));
      if (line) line.hidden = !state.is_stale;
      // A halted security stays halted, whatever the market does.
      if (!head.hasAttribute("data-halted")) write(head.querySelector("[data-part='phase']"), state.phase_label);
      head.classList.toggle("is-stale", state.is_stale);
    },
  });
}

/**
 * @param {Element | null | undefined} element
 * @param {string} text
 */
function write(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}

/**
 * @param {Element | null | undefined} element
 * @param {string} way
 */
function paint(element, way) {
  if (!element || element.classList.contains(`is-${way}`)) return;
  element.classList.remove(...WAYS);
  element.classList.add(`is-${way}`);
}

/**
 * @param {HTMLElement} head
 * @param {Row} row
 * @param {number} decimals
 */
function showHead(head, row, decimals) {
  const way = direction(row.last_milli, row.previous_close_milli);
  const last = head.querySelector("[data-part='last']");
  const ratio = head.querySelector("[data-part='ratio']");
  write(last, price(row.last_milli, decimals));
  write(ratio, changeRatio(row.last_milli, row.previous_close_milli));
  paint(last, way);
  paint(ratio, way);
  const name = head.querySelector(".trading-head__name")?.firstChild?.textContent?.trim() ?? "";
  const sentence = priceSentence(row.last_milli, row.previous_close_milli, decimals);
  head.querySelector(".trading-head__price")?.setAttribute("aria-label", `${name} ${sentence}`);
}

/**
 * @param {Row} row
 * @param {{decimals: number, lot: number}} shown
 */
function showLevels(row, shown) {
  for (const place of PLACES) {
    showLevel(`ask-${place}`, row.asks?.[place - 1], row, shown);
    showLevel(`bid-${place}`, row.bids?.[place - 1], row, shown);
  }
}

/**
 * @param {string} key
 * @param {[number, number] | undefined} level price in milli-yuan and whole shares
 * @param {Row} row
 * @param {{decimals: number, lot: number}} shown
 */
function showLevel(key, level, row, shown) {
  const button = /** @type {HTMLButtonElement | null} */ (document.querySelector(`[data-level="${key}"]`));
  if (!button) return;
  const text = price(level?.[0], shown.decimals);
  const cell = button.querySelector("[data-part='price']");
  write(cell, text);
  paint(cell, direction(level?.[0], row.previous_close_milli));
  write(button.querySelector("[data-part='quantity']"), lots(level?.[1], shown.lot));
  button.dataset.value = level ? text : "";
  button.disabled = !level;
}

/**
 * @param {Row} row
 * @param {number} decimals
 */
function showChips(row, decimals) {
  const figures = { down: row.limit_down_milli, last: row.last_milli, up: row.limit_up_milli };
  for (const [name, milli] of Object.entries(figures)) {
    const chip = /** @type {HTMLButtonElement | null} */ (document.querySelector(`[data-chip="${name}"]`));
    const text = price(milli, decimals);
    const isThere = milli !== undefined && milli !== null;
    write(chip?.querySelector("[data-part='price']"), text);
    if (!chip) continue;
    chip.dataset.value = isThere ? text : "";
    chip.disabled = !isThere;
  }
}
