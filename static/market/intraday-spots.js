// Where everything of a day's line, or of five, stands on the axis: fixed places, whatever has happened so far.
// On request a strip of the opening call on the left (09:15 to 09:25) and one of the after-hours trading on the right.
import { clockText } from "./intraday-time.js";
import { LAST_SLOT, slotTime } from "./slots.js";

/** @typedef {import("./intraday-plot.js").Point} Point */
/** @typedef {[number, number, number, number]} Call seconds since 09:15, virtual price, matched and unmatched (signed) shares */
/** @typedef {[number, number, number]} After minute since 15:05, volume (shares), turnover (fen) */
/** @typedef {{day: string, points: Point[]}} Day */
/** @typedef {{days: Day[], room: number, calls: Call[], after: After[], hasCalls: boolean, hasAfter: boolean}} Shown */
/**
 * @typedef {{x: number, kind: "line" | "call" | "after", time: string, price: number, average: number | undefined,
 *   volume: number, day: number, index: number}} Spot
 */

const STRIP_SHARE = 0.16;
const CALL_SECONDS = 600;
const AFTER_MINUTES = 25;
/** A breath between the strip and the day, so that the two are not taken for one line. */
const GAP_PX = 4;

/** Where the parts of the axis begin and end, in pixels. */
export class Axis {
  /**
   * @param {number} width
   * @param {{room: number, hasCalls: boolean, hasAfter: boolean}} shown room: how many days it holds
   */
  constructor(width, { room, hasCalls, hasAfter }) {
    this.width = width;
    this.room = room;
    this.callsWidth = hasCalls ? Math.round(width * STRIP_SHARE) : 0;
    this.afterWidth = hasAfter ? Math.round(width * STRIP_SHARE) : 0;
    this.left = this.callsWidth + (hasCalls ? GAP_PX : 0);
    this.right = width - this.afterWidth - (hasAfter ? GAP_PX : 0);
    this.dayWidth = (this.right - this.left) / room;
  }

  /**
   * 11:30 and 13:00 share the middle of a day.
   * @param {number} day 0 is the oldest
   * @param {number} slot
   */
  slotX(day, slot) {
    return this.left + day * this.dayWidth + (slot / LAST_SLOT) * this.dayWidth;
  }

  /** @param {number} seconds since 09:15 */
  callX(seconds) {
    return (Math.min(seconds, CALL_SECONDS) / CALL_SECONDS) * this.callsWidth;
  }

  /** @param {number} minute since 15:05 */
  afterX(minute) {
    return this.width - this.afterWidth + (minute / AFTER_MINUTES) * this.afterWidth;
  }

  /** The labels below, each at its place. */
  labels(/** @type {string[]} */ dayNames) {
    if (this.room > 1) {
      return dayNames.map((text, day) => ({ text, x: this.slotX(day, LAST_SLOT / 2), side: "middle" }));
    }
    const labels = [
      { text: "09:30", x: this.left, side: this.callsWidth ? "middle" : "left" },
      { text: "11:30/13:00", x: this.slotX(0, LAST_SLOT / 2), side: "middle" },
      { text: "15:00", x: this.right, side: this.afterWidth ? "middle" : "right" },
    ];
    if (this.callsWidth) labels.unshift({ text: "09:15", x: 0, side: "left" });
    if (this.afterWidth) labels.push({ text: "15:30", x: this.width, side: "right" });
    return labels;
  }
}

/**
 * Every place that can be read out, from left to right.
 * @param {Axis} axis
 * @param {Shown} shown
 * @returns {Spot[]}
 */
export function spotsOf(axis, { days, room, calls, after, hasCalls, hasAfter }) {
  /** @type {Spot[]} */
  const spots = [];
  if (hasCalls) {
    calls.forEach(([seconds, price, matched], index) => {
      const time = clockText(9 * 3600 + 15 * 60 + seconds);
      const x = axis.callX(seconds);
      spots.push({ x, kind: "call", time, price, average: undefined, volume: matched, day: 0, index });
    });
  }
  days.forEach(({ day: name, points }, place) => {
    points.forEach(([slot, price, average, volume], index) => {
      const time = room > 1 ? `${name.slice(5)} ${slotTime(slot)}` : slotTime(slot);
      spots.push({ x: axis.slotX(place, slot), kind: "line", time, price, average, volume, day: place, index });
    });
  });
  const last = days[days.length - 1]?.points.slice(-1)[0];
  if (hasAfter && last) {
    after.forEach(([minute, volume], index) => {
      const time = clockText((15 * 60 + 5 + minute) * 60).slice(0, 5);
      const x = axis.afterX(minute);
      spots.push({ x, kind: "after", time, price: last[1], average: last[2], volume, day: days.length - 1, index });
    });
  }
  return spots;
}

/**
 * The spot nearest to a place; where nothing has happened yet it is the last one before.
 * @param {Spot[]} spots from left to right
 * @param {number} x
 * @returns {number} its index, -1 without any
 */
export function spotNear(spots, x) {
  let low = 0;
  let high = spots.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (/** @type {Spot} */ (spots[middle]).x <= x) low = middle;
    else high = middle - 1;
  }
  const here = spots[low];
  const next = spots[low + 1];
  if (!here) return -1;
  return next && next.x - x < x - here.x ? low + 1 : low;
}
