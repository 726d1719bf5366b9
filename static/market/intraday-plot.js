// The arithmetic of today's line, apart from any canvas: fixed slots, a range symmetric about the previous close,
// and how a moving quote becomes the last point.
import { LAST_SLOT, slotOf } from "./slots.js";

/** @typedef {[number, number, number, number, number]} Point slot, price, average (milli-yuan), volume (shares), turnover (fen) */
/** @typedef {import("./facts.js").Row} Row */

const SMALLEST_HALF_RATIO = 0.002;

/**
 * Half of the price range, so that the previous close lies in the middle: max(|high - close|, |low - close|).
 * @param {Point[]} points
 * @param {number} previousClose
 * @param {boolean} hasAverage
 */
export function halfRange(points, previousClose, hasAverage) {
  let half = Math.max(1, Math.round(previousClose * SMALLEST_HALF_RATIO));
  for (const point of points) {
    half = Math.max(half, Math.abs(point[1] - previousClose));
    if (hasAverage && point[2] > 0) half = Math.max(half, Math.abs(point[2] - previousClose));
  }
  return half;
}

/**
 * Where a slot stands on an axis of this width: 11:30 and 13:00 share the middle.
 * @param {number} slot
 * @param {number} width
 */
export const slotX = (slot, width) => (slot / LAST_SLOT) * width;

/**
 * The slot nearest to a place on the axis, not beyond the last one that has a point.
 * @param {number} x
 * @param {number} width
 * @param {Point[]} points
 * @returns {number} index into points, -1 without any
 */
export function pointNear(x, width, points) {
  const slot = Math.round((Math.min(Math.max(x, 0), width) / width) * LAST_SLOT);
  let best = -1;
  for (let index = 0; index < points.length; index += 1) {
    const point = /** @type {Point} */ (points[index]);
    if (point[0] > slot && best >= 0) break;
    best = index;
  }
  return best;
}

/**
 * The greatest volume of one slot, at least 1.
 * @param {Point[]} points
 */
export const volumeMax = (points) => points.reduce((most, point) => Math.max(most, point[3]), 1);

/**
 * Which way the price went in a slot: volume bars take its colour.
 * @param {Point[]} points
 * @param {number} index
 * @param {number} previousClose
 * @returns {"up" | "down" | "flat"}
 */
export function tickWay(points, index, previousClose) {
  const before = index > 0 ? /** @type {Point} */ (points[index - 1])[1] : previousClose;
  const now = /** @type {Point} */ (points[index])[1];
  if (now === before) return "flat";
  return now > before ? "up" : "down";
}

/**
 * Carry a quote into the line. "stale" means that the line must be fetched anew: another day, or slots were missed.
 * @param {Point[]} points changed in place
 * @param {string | null} day the line's day, as 2026-11-24
 * @param {Row} row
 * @returns {"same" | "moved" | "stale"}
 */
export function carry(points, day, row) {
  const slot = slotOf(row.at);
  if (row.last_milli === undefined || slot === undefined) return "same";
  if (row.at.slice(0, 10) !== day) return "stale";
  const last = points[points.length - 1];
  if (!last || slot > last[0]) return "stale";
  if (slot < last[0]) return "same";
  const before = points.slice(0, -1);
  const volume = row.volume_shares - before.reduce((sum, point) => sum + point[3], 0);
  const turnover = row.turnover_fen - before.reduce((sum, point) => sum + point[4], 0);
  const average = row.volume_shares > 0 ? Math.round((row.turnover_fen * 10) / row.volume_shares) : last[2];
  points[points.length - 1] = [slot, row.last_milli, average, Math.max(0, volume), Math.max(0, turnover)];
  return "moved";
}
