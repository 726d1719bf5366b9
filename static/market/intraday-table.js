// A day's line for those who read or hear it: every fifteenth minute in a table, and a sentence.
import { changeRatio, direction, lots, price } from "../_ui/format.js";
import { write } from "./live.js";
import { LAST_SLOT, slotTime } from "./slots.js";

/** @typedef {import("./intraday-plot.js").Point} Point */
/** @typedef {{decimals: number, lot_shares: number}} Terms */

const STEP_SLOTS = 15;

/**
 * @param {ParentNode} section where sentence and table stand
 * @param {Point[]} points
 * @param {number} base the previous close, milli-yuan
 * @param {Terms} terms
 */
export function tellLine(section, points, base, terms) {
  const last = points[points.length - 1];
  const body = section.querySelector("[data-part='line-rows']");
  const sentence = /** @type {HTMLElement | null} */ (section.querySelector("[data-part='line-sentence']"));
  if (!last || !body) return;
  const rows = points.filter((point) => point[0] % STEP_SLOTS === 0 || point === last);
  body.replaceChildren(...rows.map((point) => row(point, base, terms)));
  const prices = points.map((point) => point[1]);
  /** @type {Record<string, string>} */
  const words = {
    time: slotTime(Math.min(last[0], LAST_SLOT)),
    before: price(base, terms.decimals),
    first: price(prices[0], terms.decimals),
    high: price(Math.max(...prices), terms.decimals),
    low: price(Math.min(...prices), terms.decimals),
    last: price(last[1], terms.decimals),
    change: changeRatio(last[1], base),
  };
  write(
    sentence,
    (sentence?.dataset.words ?? "").replace(/\{(\w+)\}/g, (_all, name) => words[name] ?? ""),
  );
}

/**
 * @param {Point} point
 * @param {number} base
 * @param {Terms} terms
 */
function row(point, base, terms) {
  const line = document.createElement("tr");
  const head = document.createElement("th");
  head.scope = "row";
  head.textContent = slotTime(point[0]);
  line.append(head);
  const cells = [price(point[1], terms.decimals), changeRatio(point[1], base), lots(point[3], terms.lot_shares)];
  cells.forEach((text, index) => {
    const cell = document.createElement("td");
    cell.className = index === 1 ? `ui-figure is-${direction(point[1], base)}` : "ui-figure";
    cell.textContent = text;
    line.append(cell);
  });
  return line;
}
