// Candles for those who read or hear them: a sentence, a table of the newest, and one bar read out in a row.
import { changeRatio, direction, lots, price, yuanShort } from "../_ui/format.js";
import { paint, write } from "./live.js";

const TABLE_ROWS = 20;
const SHANGHAI_MS = 8 * 3_600_000;

/** @typedef {{decimals: number, lot_shares: number, is_index?: boolean}} Terms */

/**
 * The day of a bar, with the time where it is one of minutes.
 * @param {number} seconds
 * @param {boolean} isMinutes
 */
function stampOf(seconds, isMinutes) {
  const stamp = new Date(seconds * 1000 + SHANGHAI_MS).toISOString();
  return isMinutes ? stamp.slice(5, 16).replace("T", " ") : stamp.slice(0, 10);
}

/**
 * @param {Element | null} body
 * @param {number[][]} rows oldest first
 * @param {Terms} terms
 * @param {boolean} isMinutes
 */
export function tabulate(body, rows, terms, isMinutes) {
  const newest = rows.slice(-TABLE_ROWS).reverse();
  body?.replaceChildren(...newest.map((row) => tableRow(row, terms, isMinutes)));
}

/**
 * @param {number[]} row
 * @param {Terms} terms
 * @param {boolean} isMinutes
 */
function tableRow(row, terms, isMinutes) {
  const [at = 0, open, high, low, close, volume] = row;
  const line = document.createElement("tr");
  const head = document.createElement("th");
  head.scope = "row";
  head.textContent = stampOf(at, isMinutes);
  line.append(head);
  const texts = [close, open, high, low].map((milli) => price(milli, terms.decimals));
  for (const text of [...texts, lots(volume, terms.lot_shares)]) {
    const cell = document.createElement("td");
    cell.className = "ui-figure";
    cell.textContent = text;
    line.append(cell);
  }
  return line;
}

/**
 * What a screen reader hears in place of the canvas; the words come from the page, with {names} in them.
 * @param {Element | null} element with data-words
 * @param {number[][]} rows oldest first
 * @param {Terms} terms
 * @param {{period: string, adjustment: string, isMinutes: boolean}} shown as the buttons say it
 */
export function tell(element, rows, terms, shown) {
  const last = rows[rows.length - 1];
  if (!element || !last) return;
  const { decimals } = terms;
  const highs = rows.map((row) => row[2] ?? 0);
  const lows = rows.map((row) => row[3] ?? 0);
  /** @type {Record<string, string>} */
  const words = {
    period: shown.period,
    adjustment: shown.adjustment,
    count: String(rows.length),
    first: stampOf(rows[0]?.[0] ?? 0, shown.isMinutes),
    last: stampOf(last[0] ?? 0, shown.isMinutes),
    close: price(last[4], decimals),
    change: changeRatio(last[4], rows[rows.length - 2]?.[4]),
    high: price(Math.max(...highs), decimals),
    low: price(Math.min(...lows), decimals),
  };
  const template = /** @type {HTMLElement} */ (element).dataset.words ?? "";
  write(
    element,
    template.replace(/\{(\w+)\}/g, (_all, name) => words[name] ?? ""),
  );
}

/**
 * Write one bar into the row above the candles.
 * @param {Element} row
 * @param {import("klinecharts").KLineData | undefined} bar
 * @param {number | undefined} closeBefore yuan
 * @param {Terms} terms
 * @param {boolean} isMinutes
 */
export function readOut(row, bar, closeBefore, terms, isMinutes) {
  const milli = (/** @type {number | undefined} */ yuan) => (yuan === undefined ? undefined : Math.round(yuan * 1000));
  const before = milli(closeBefore);
  const close = milli(bar?.close);
  const texts = {
    time: bar ? stampOf(bar.timestamp / 1000, isMinutes) : "--",
    open: price(milli(bar?.open), terms.decimals),
    high: price(milli(bar?.high), terms.decimals),
    low: price(milli(bar?.low), terms.decimals),
    close: price(close, terms.decimals),
    change: changeRatio(close, before),
    volume: lots(bar?.volume, terms.lot_shares),
    turnover: yuanShort(bar?.turnover === undefined ? undefined : Math.round(bar.turnover * 100)),
    mark: String(bar?.mark ?? ""),
  };
  const values = { open: milli(bar?.open), high: milli(bar?.high), low: milli(bar?.low), close, change: close };
  for (const [name, text] of Object.entries(texts)) {
    const cell = row.querySelector(`[data-read="${name}"]`);
    write(cell, text);
    if (name in values) paint(cell, direction(values[/** @type {keyof typeof values} */ (name)], before ?? null));
  }
}
