// Draws a day's line, or five, on a canvas: symmetric about the previous close, average line, volume below.
import { lots, price, ratio } from "../_ui/format.js";
import { stroke } from "./chart-ink.js";
import { quotient } from "./facts.js";
import { halfRange, tickWay, volumeMax } from "./intraday-plot.js";
import { LAST_SLOT, NOON_SLOT } from "./slots.js";

/** @typedef {import("./intraday-plot.js").Point} Point */
/** @typedef {import("./intraday-spots.js").Axis} Axis */
/** @typedef {import("./intraday-spots.js").Shown} Shown */
/** @typedef {import("./intraday-spots.js").Spot} Spot */
/** @typedef {ReturnType<typeof import("./chart-ink.js").readColours>} Colours */

const VOLUME_SHARE = 0.26;
const GAP_PX = 6;
const PAD_PX = 2;
const LABEL_PX = 3;
const DOT_PX = 1.5;

export class Painter {
  /**
   * @param {{decimals: number, lot_shares: number, is_index?: boolean}} terms
   * @param {Colours} colours
   */
  constructor(terms, colours) {
    this.terms = terms;
    this.colours = colours;
    this.width = 0;
    this.height = 0;
    this.priceHeight = 0;
    this.volumeTop = 0;
    this.base = 0;
    this.half = 1;
    this.hasScale = false;
    this.most = 1;
  }

  /**
   * @param {{width: number, height: number}} size
   * @param {Shown} shown
   * @param {number} base milli-yuan: what stands in the middle
   */
  measure({ width, height }, shown, base) {
    this.width = width;
    this.height = height;
    this.base = base;
    this.priceHeight = height - Math.round(height * VOLUME_SHARE) - GAP_PX;
    this.volumeTop = this.priceHeight + GAP_PX;
    const called = shown.hasCalls ? shown.calls.map(([, milli]) => milli) : [];
    const lines = shown.days.map((day) => halfRange(day.points, base, !this.terms.is_index));
    this.hasScale = lines.length + called.length > 0;
    this.half = Math.max(1, ...lines, ...called.map((milli) => Math.abs(milli - base)));
    const sizes = shown.hasCalls ? shown.calls.map(([, , matched, rest]) => matched + Math.abs(rest)) : [];
    const late = shown.hasAfter ? shown.after.map(([, volume]) => volume) : [];
    this.most = Math.max(1, ...shown.days.map((day) => volumeMax(day.points)), ...sizes, ...late);
  }

  /** @param {number} milli */
  priceY(milli) {
    const middle = this.priceHeight / 2;
    return middle - ((milli - this.base) / this.half) * (middle - PAD_PX);
  }

  /** @param {number} shares */
  volumeHeight(shares) {
    return (shares / this.most) * (this.height - this.volumeTop - 1);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Axis} axis
   * @param {Shown} shown
   */
  draw(context, axis, shown) {
    context.clearRect(0, 0, this.width, this.height);
    this.drawGrid(context, axis);
    shown.days.forEach((day, place) => {
      const before = place > 0 ? shown.days[place - 1]?.points.slice(-1)[0]?.[1] : undefined;
      this.drawVolume(context, axis, place, day.points, before ?? this.base);
      this.drawLines(context, axis, place, day.points);
    });
    if (shown.hasCalls) this.drawCalls(context, axis, shown.calls);
    if (shown.hasAfter) this.drawAfter(context, axis, shown);
    this.drawLabels(context, shown);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Axis} axis
   */
  drawGrid(context, axis) {
    context.strokeStyle = this.colours.line;
    context.lineWidth = 1;
    context.setLineDash([]);
    const quarters = [this.priceHeight / 4, (this.priceHeight * 3) / 4];
    for (const y of [0.5, ...quarters, this.priceHeight - 0.5, this.volumeTop + 0.5, this.height - 0.5]) {
      stroke(context, [0, y], [this.width, y]);
    }
    for (const x of gridOf(axis)) {
      stroke(context, [x, 0], [x, this.priceHeight]);
      stroke(context, [x, this.volumeTop], [x, this.height]);
    }
    context.setLineDash([4, 4]);
    context.strokeStyle = this.colours.soft;
    stroke(context, [0, this.priceHeight / 2], [this.width, this.priceHeight / 2]);
    context.setLineDash([]);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Axis} axis
   * @param {number} day
   * @param {Point[]} points
   * @param {number} before the price before the first of them
   */
  drawVolume(context, axis, day, points, before) {
    const bar = Math.max(axis.room > 1 ? 0.5 : 1, axis.dayWidth / LAST_SLOT - 0.4);
    points.forEach((point, index) => {
      const size = this.volumeHeight(point[3]);
      context.fillStyle = this.colours[tickWay(points, index, before)];
      context.fillRect(axis.slotX(day, point[0]) - bar / 2, this.height - size, bar, size);
    });
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Axis} axis
   * @param {number} day
   * @param {Point[]} points
   */
  drawLines(context, axis, day, points) {
    const first = points[0];
    const last = points[points.length - 1];
    if (!first || !last) return;
    this.trace(context, axis, day, points, 1);
    context.strokeStyle = this.colours.price;
    context.lineWidth = axis.room > 1 ? 1.1 : 1.4;
    context.stroke();
    context.lineTo(axis.slotX(day, last[0]), this.priceHeight);
    context.lineTo(axis.slotX(day, first[0]), this.priceHeight);
    context.globalAlpha = 0.1;
    context.fillStyle = this.colours.price;
    context.fill();
    context.globalAlpha = 1;
    if (this.terms.is_index) return;
    this.trace(context, axis, day, points, 2);
    context.strokeStyle = this.colours.average;
    context.lineWidth = 1.2;
    context.stroke();
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Axis} axis
   * @param {number} day
   * @param {Point[]} points
   * @param {1 | 2} column 1 price, 2 average
   */
  trace(context, axis, day, points, column) {
    context.beginPath();
    for (const point of points) context.lineTo(axis.slotX(day, point[0]), this.priceY(point[column]));
  }

  /**
   * The opening call: its virtual price, what would be matched, and on top in its side's ink what would be left.
   * @param {CanvasRenderingContext2D} context
   * @param {Axis} axis
   * @param {import("./intraday-spots.js").Call[]} calls
   */
  drawCalls(context, axis, calls) {
    const bar = Math.max(1, axis.callsWidth / 40);
    context.strokeStyle = this.colours.price;
    context.lineWidth = 1.2;
    context.beginPath();
    for (const [seconds, milli] of calls) context.lineTo(axis.callX(seconds), this.priceY(milli));
    context.stroke();
    for (const [seconds, milli, matched, rest] of calls) {
      const x = axis.callX(seconds);
      context.fillStyle = this.colours.price;
      context.fillRect(x - DOT_PX, this.priceY(milli) - DOT_PX, 2 * DOT_PX, 2 * DOT_PX);
      const size = this.volumeHeight(matched);
      const over = this.volumeHeight(Math.abs(rest));
      context.fillStyle = this.colours.flat;
      context.fillRect(x - bar / 2, this.height - size, bar, size);
      context.fillStyle = rest > 0 ? this.colours.up : this.colours.down;
      context.fillRect(x - bar / 2, this.height - size - over, bar, over);
    }
  }

  /**
   * The after-hours trading: one price, the day's close, and what was traded at it in each minute.
   * @param {CanvasRenderingContext2D} context
   * @param {Axis} axis
   * @param {Shown} shown
   */
  drawAfter(context, axis, shown) {
    const close = shown.days[shown.days.length - 1]?.points.slice(-1)[0]?.[1];
    const last = shown.after[shown.after.length - 1];
    if (close === undefined || !last) return;
    context.strokeStyle = this.colours.price;
    context.lineWidth = 1.4;
    stroke(context, [axis.afterX(0), this.priceY(close)], [axis.afterX(last[0]), this.priceY(close)]);
    const bar = Math.max(1, axis.afterWidth / 25 - 1);
    context.fillStyle = this.colours.flat;
    for (const [minute, volume] of shown.after) {
      const size = this.volumeHeight(volume);
      context.fillRect(axis.afterX(minute) - bar, this.height - size, bar, size);
    }
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Shown} shown
   */
  drawLabels(context, shown) {
    const { decimals } = this.terms;
    const { base, half } = this;
    context.font = this.colours.font;
    const middle = this.priceHeight / 2;
    const centre = { milli: base, y: middle - 3, baseline: "bottom", colour: this.colours.soft };
    const edges = [
      { milli: base + half, y: 3, baseline: "top", colour: this.colours.up },
      { milli: base - half, y: this.priceHeight - 3, baseline: "bottom", colour: this.colours.down },
    ];
    for (const row of this.hasScale ? [centre, ...edges] : [centre]) {
      context.fillStyle = row.colour;
      this.label(context, price(row.milli, decimals), "left", row);
      this.label(context, ratio(quotient(row.milli - base, base)), "right", row);
    }
    if (!shown.days.some((day) => day.points.length > 0)) return;
    context.fillStyle = this.colours.soft;
    this.label(context, lots(this.most, this.terms.lot_shares), "left", { y: this.volumeTop + 3, baseline: "top" });
  }

  /**
   * A text at the edge of the plot, on a ground of its own so that the line does not cross it out.
   * @param {CanvasRenderingContext2D} context
   * @param {string} text
   * @param {"left" | "right"} side
   * @param {{y: number, baseline: string}} place
   */
  label(context, text, side, { y, baseline }) {
    const width = context.measureText(text).width;
    const left = side === "left" ? LABEL_PX : this.width - LABEL_PX - width;
    const ink = context.fillStyle;
    context.globalAlpha = 0.8;
    context.fillStyle = this.colours.surface;
    const line = this.colours.letters + 1;
    context.fillRect(left - 1, baseline === "top" ? y - 1 : y - line, width + 2, line + 1);
    context.globalAlpha = 1;
    context.fillStyle = ink;
    context.textAlign = "left";
    context.textBaseline = /** @type {CanvasTextBaseline} */ (baseline);
    context.fillText(text, left, y);
  }

  /**
   * The crosshair has a canvas of its own, so that dragging redraws nothing else.
   * @param {CanvasRenderingContext2D} context
   * @param {Spot | undefined} spot
   */
  drawCross(context, spot) {
    context.clearRect(0, 0, this.width, this.height);
    if (!spot) return;
    const y = this.priceY(spot.price);
    context.strokeStyle = this.colours.text;
    context.lineWidth = 1;
    stroke(context, [spot.x, 0], [spot.x, this.height]);
    stroke(context, [0, y], [this.width, y]);
    context.fillStyle = this.colours.text;
    context.beginPath();
    context.arc(spot.x, y, 3, 0, 2 * Math.PI);
    context.fill();
  }
}

/**
 * Upright lines: the hours of one day, or the bounds between days, and those of the strips.
 * @param {Axis} axis
 */
function gridOf(axis) {
  const lines = [];
  if (axis.room > 1) for (let day = 1; day < axis.room; day += 1) lines.push(axis.slotX(day, 0));
  else for (const slot of [60, NOON_SLOT, 180]) lines.push(axis.slotX(0, slot));
  if (axis.callsWidth) lines.push(axis.left);
  if (axis.afterWidth) lines.push(axis.right);
  return lines;
}
