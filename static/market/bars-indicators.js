// The indicators as the chart library wants them, with our formulas in place of its own: one object per bar, in an array.
import { registerIndicator } from "klinecharts";
import { bollinger, kdj, macd, movingAverage, rsi } from "./indicators.js";

/** @typedef {import("klinecharts").KLineData} Bar */
/** @typedef {import("./indicators.js").Curve} Curve */

/**
 * Turn curves into one object per bar; a value that does not exist yet is left out.
 * @param {Bar[]} bars
 * @param {Record<string, Curve>} curves
 */
export function perBar(bars, curves) {
  return bars.map((bar, index) => {
    /** @type {Record<string, number>} */
    const row = { open: bar.open, close: bar.close };
    for (const [key, curve] of Object.entries(curves)) {
      const value = curve[index];
      if (value !== null && value !== undefined) row[key] = value;
    }
    return row;
  });
}

/** @param {Bar[]} bars */
const closes = (bars) => bars.map((bar) => bar.close);

/** @param {string} key @param {string} title */
const line = (key, title) => ({ key, title: `${title}: `, type: "line" });

/**
 * @param {string} prefix
 * @param {number[]} params
 */
const numbered = (prefix, params) =>
  params.map((bars, index) => line(`${prefix}${index}`, `${prefix.toUpperCase()}${bars}`));

/**
 * The colour of a bar by a sign: the library hands over the current value and the theme's colours.
 * @param {(row: Record<string, number>) => number} sign
 */
const signed = (sign) => (/** @type {any} */ given) => {
  const row = given.data.current ?? {};
  const [colours] = given.defaultStyles.bars;
  const value = sign(row);
  const colour = value > 0 ? colours.upColor : value < 0 ? colours.downColor : colours.noChangeColor;
  return { style: "fill", color: colour, borderColor: colour };
};

export const templates = [
  {
    name: "MA",
    shortName: "MA",
    series: "price",
    calcParams: [5, 10, 20, 60],
    figures: numbered("ma", [5, 10, 20, 60]),
    calc: (/** @type {Bar[]} */ bars) =>
      perBar(
        bars,
        Object.fromEntries([5, 10, 20, 60].map((count, index) => [`ma${index}`, movingAverage(closes(bars), count)])),
      ),
  },
  {
    name: "BOLL",
    shortName: "BOLL",
    series: "price",
    calcParams: [20, 2],
    figures: [line("upper", "UPPER"), line("middle", "MID"), line("lower", "LOWER")],
    calc: (/** @type {Bar[]} */ bars) => perBar(bars, bollinger(closes(bars))),
  },
  {
    name: "VOL",
    shortName: "VOL",
    series: "volume",
    calcParams: [5, 10],
    shouldFormatBigNumber: true,
    precision: 0,
    minValue: 0,
    figures: [
      line("ma0", "MA5"),
      line("ma1", "MA10"),
      {
        key: "volume",
        title: "VOL: ",
        type: "bar",
        baseValue: 0,
        styles: signed((row) => (row.close ?? 0) - (row.open ?? 0)),
      },
    ],
    calc: (/** @type {Bar[]} */ bars) => {
      const volumes = bars.map((bar) => bar.volume ?? 0);
      return perBar(bars, { volume: volumes, ma0: movingAverage(volumes, 5), ma1: movingAverage(volumes, 10) });
    },
  },
  {
    name: "MACD",
    shortName: "MACD",
    calcParams: [12, 26, 9],
    precision: 3,
    figures: [
      line("dif", "DIF"),
      line("dea", "DEA"),
      { key: "macd", title: "MACD: ", type: "bar", baseValue: 0, styles: signed((row) => row.macd ?? 0) },
    ],
    calc: (/** @type {Bar[]} */ bars) => perBar(bars, macd(closes(bars))),
  },
  {
    name: "KDJ",
    shortName: "KDJ",
    calcParams: [9, 3, 3],
    precision: 2,
    figures: [line("k", "K"), line("d", "D"), line("j", "J")],
    calc: (/** @type {Bar[]} */ bars) =>
      perBar(bars, kdj({ highs: bars.map((bar) => bar.high), lows: bars.map((bar) => bar.low), closes: closes(bars) })),
  },
  {
    name: "RSI",
    shortName: "RSI",
    calcParams: [6, 12, 24],
    precision: 2,
    figures: numbered("rsi", [6, 12, 24]),
    calc: (/** @type {Bar[]} */ bars) =>
      perBar(bars, Object.fromEntries([6, 12, 24].map((count, index) => [`rsi${index}`, rsi(closes(bars), count)]))),
  },
];

/** Make them known to the library, in place of its own. */
export function registerIndicators() {
  for (const template of templates) registerIndicator(/** @type {any} */ (template));
}
