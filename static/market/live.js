// data-behaviour="live": everything below with data-symbol moves. Rows change text and one class and flash for 300 ms;
// other behaviours listen for "market-row" and "market-state" on the document.
import { change, changeRatio, direction, price, priceSentence } from "../_ui/format.js";
import { followQuotes } from "./quote-source.js";

/** @typedef {import("./facts.js").Row} Row */
/** @typedef {import("./quote-source.js").State} State */

const FLASH_MS = 300;
const WAYS = ["is-up", "is-down", "is-flat"];
/** Phases in which the market's own clock is shown; in the others the time of the figures. */
export const RUNNING = new Set([
  "open_call",
  "open_call_nocancel",
  "pre_continuous",
  "continuous",
  "close_call",
  "after_hours_accept",
  "after_hours_fixed",
]);

/**
 * The instruments below an element, the page's own first.
 * @param {HTMLElement} root
 */
function symbolsOf(root) {
  const found = [...root.querySelectorAll("[data-symbol]")].map((one) => one.getAttribute("data-symbol") ?? "");
  return [...new Set([root.dataset.first ?? "", ...found])].filter(Boolean);
}

/** @param {HTMLElement} root */
export function connect(root) {
  const drawn = { detail: root.dataset.detail, since: Number(root.dataset.sequence ?? 0) };
  const listener = {
    onRow: (/** @type {Row} */ row) => {
      for (const element of document.querySelectorAll(`[data-symbol="${row.symbol}"]`)) {
        showRow(/** @type {HTMLElement} */ (element), row);
      }
      document.dispatchEvent(new CustomEvent("market-row", { detail: row }));
    },
    onState: (/** @type {State} */ state) => {
      showState(root, state);
      document.dispatchEvent(new CustomEvent("market-state", { detail: state }));
    },
  };
  const following = followQuotes(symbolsOf(root), listener, drawn);
  document.addEventListener("market-rows-changed", () => following.change(symbolsOf(root)));
}

/**
 * Write a text where it differs; say whether it did.
 * @param {Element | null} element
 * @param {string} text
 */
export function write(element, text) {
  if (!element || element.textContent === text) return false;
  element.textContent = text;
  return true;
}

/**
 * Give an element the one class of a direction.
 * @param {Element | null} element
 * @param {string} way
 */
export function paint(element, way) {
  if (!element || element.classList.contains(`is-${way}`)) return;
  element.classList.remove(...WAYS);
  element.classList.add(`is-${way}`);
}

/**
 * @param {HTMLElement} element
 * @param {Row} row
 */
function showRow(element, row) {
  const decimals = Number(element.dataset.decimals ?? 2);
  const base = row.previous_close_milli;
  const last = row.is_suspended ? base : row.last_milli;
  const way = direction(last, base);
  const halted = element.dataset.halted ?? "停牌";
  const texts = {
    last: price(last, decimals),
    change: row.is_suspended ? "" : change(last, base, decimals),
    change_ratio: row.is_suspended ? halted : changeRatio(last, base),
  };
  let isNew = false;
  for (const [field, text] of Object.entries(texts)) {
    const cell = element.querySelector(`[data-field="${field}"]`);
    isNew = write(cell, text) || isNew;
    paint(cell, way);
  }
  paint(element.querySelector(".market-spark"), way);
  if (isNew) {
    speak(element, row, decimals);
    flash(element);
  }
}

/**
 * @param {HTMLElement} element
 * @param {Row} row
 * @param {number} decimals
 */
function speak(element, row, decimals) {
  const link = element.querySelector("[aria-label]");
  const name = element.querySelector(".ui-quote__title, .market-index__name")?.textContent ?? "";
  if (!link) return;
  const said = row.is_suspended ? (element.dataset.halted ?? "停牌") : sentence(row, decimals, element.dataset.unit);
  link.setAttribute("aria-label", `${name} ${said}`);
}

/**
 * A price as a screen reader says it; an index counts in its own unit.
 * @param {Row} row
 * @param {number} decimals
 * @param {string} [unit]
 */
export function sentence(row, decimals, unit) {
  const said = priceSentence(row.last_milli, row.previous_close_milli, decimals);
  return unit ? said.replace("最新价", "最新").replace("元", unit) : said;
}

/** @param {Element} element */
export function flash(element) {
  if (document.body.dataset.weuiMode === "care") return;
  element.classList.add("is-flashing");
  window.setTimeout(() => element.classList.remove("is-flashing"), FLASH_MS);
}

/**
 * @param {HTMLElement} root
 * @param {State} state
 */
function showState(root, state) {
  root.classList.toggle("is-stale", state.is_stale);
  for (const element of document.querySelectorAll("[data-market='at']")) {
    write(element, state.at.slice(0, 19).replace("T", " "));
  }
  for (const element of document.querySelectorAll("[data-market='phase']")) write(element, state.phase_label);
  if (RUNNING.has(state.phase)) {
    for (const element of document.querySelectorAll("[data-market='clock']")) write(element, state.at.slice(11, 19));
  }
  for (const line of document.querySelectorAll("[data-market='stale']"))
    showAge(/** @type {HTMLElement} */ (line), state);
}

/**
 * The line that says how old the figures are; its sentence stands in the page, in the page's language.
 * @param {HTMLElement} line
 * @param {State} state
 */
function showAge(line, state) {
  line.hidden = !state.is_stale;
  const sentence = state.age_seconds === null ? line.dataset.unknown : line.dataset.sentence;
  const words = line.querySelector("[data-part='words']");
  const asOf = (state.as_of ?? "").slice(5, 19).replace("T", " ");
  write(words, (sentence ?? "").replace("{seconds}", String(state.age_seconds ?? "")).replace("{time}", asOf));
}
