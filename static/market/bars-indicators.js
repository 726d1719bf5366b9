// The indicators as the chart library wants them, with our formulas in place of its own: one object per bar, in an array.
import { registerIndicator } from "klinecharts";
import {
  bias,
  bollinger,
  bullBear,
  commodityChannel,
  directional,
  exponentialAverage,
  kdj,
  macd,
  movingAverage,
  onBalance,
  psychological,
  rateOfChange,
  rsi,
  trueRangeAverage,
  williams,
} from "./indicators.js";

/** @typedef {import("klinecharts").KLineData} Bar */
/** @typedef {import("./indicators.js").Curve} Curve */

/**
 * Turn curves into one object per bar; a value that does not exist yet is left out.
 * @param {Bar[]} bars
 * @param {Record<string, Curve>} curves
 */
export function perBar(bars, curves) {
  const entries = Object.entries(curves);
  return bars.map((bar, index) => {
    /** @type {Record<string, number>} */
    const row = { open: bar.open, close: bar.close };
    for (const [key, curve] of entries) {
      const value = curve[index];
      if (value !== null && value !== undefined) row[key] = value;
    }
    return row;
  });
}

/** @param {Bar[]} bars */
const closes = (bars) => bars.map((bar) => bar.close);

/** @param {Bar[]} bars */
const volumes = (bars) => bars.map((bar) => bar.volume ?? 0);

/** @param {Bar[]} bars */
const series = (bars) => ({
  highs: bars.map((bar) => bar.high),
  lows: bars.map((bar) => bar.low),
  closes: closes(bars),
});

/** @param {string} key @param {string} title */
const line = (key, title) => ({ key, title: `${title}: `, type: "line" });

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

/**
 * One measure with several counts of bars, a line each: MA5 MA10 MA20 MA60.
 * @param {string} name
 * @param {number[]} counts
 * @param {(bars: Bar[], count: number) => Curve} measure
 * @param {object} rest
 */
function numbered(name, counts, measure, rest = {}) {
  const keys = counts.map((count) => `${name.toLowerCase()}${count}`);
  return {
    name,
    shortName: name,
    calcParams: counts,
    figures: keys.map((key, index) => line(key, `${name}${counts[index]}`)),
    calc: (/** @type {Bar[]} */ bars) =>
      perBar(bars, Object.fromEntries(counts.map((count, index) => [keys[index] ?? "", measure(bars, count)]))),
    ...rest,
  };
}

/**
 * Several curves of one formula.
 * @param {string} name
 * @param {number[]} calcParams
 * @param {Record<string, string>} titles by key
 * @param {(bars: Bar[]) => Record<string, Curve>} measure
 * @param {object} rest
 */
function curves(name, calcParams, titles, measure, rest = {}) {
  return {
    name,
    shortName: name,
    calcParams,
    precision: 2,
    figures: Object.entries(titles).map(([key, title]) => line(key, title)),
    calc: (/** @type {Bar[]} */ bars) => perBar(bars, measure(bars)),
    ...rest,
  };
}

const onPrice = { series: "price" };
const inPercent = { precision: 2 };
const bigNumbers = { shouldFormatBigNumber: true, precision: 0 };

const volume = {
  name: "VOL",
  shortName: "VOL",
  series: "volume",
  calcParams: [5, 10],
  ...bigNumbers,
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
    const sizes = volumes(bars);
    return perBar(bars, { volume: sizes, ma0: movingAverage(sizes, 5), ma1: movingAverage(sizes, 10) });
  },
};

const convergence = {
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
};

export const templates = [
  numbered("MA", [5, 10, 20, 60], (bars, count) => movingAverage(closes(bars), count), onPrice),
  numbered("EMA", [12, 26], (bars, count) => exponentialAverage(closes(bars), count), onPrice),
  curves(
    "BOLL",
    [20, 2],
    { upper: "UPPER", middle: "MID", lower: "LOWER" },
    (bars) => bollinger(closes(bars)),
    onPrice,
  ),
  curves("BBI", [3, 6, 12, 24], { bbi: "BBI" }, (bars) => ({ bbi: bullBear(closes(bars)) }), onPrice),
  volume,
  convergence,
  curves("KDJ", [9, 3, 3], { k: "K", d: "D", j: "J" }, (bars) => kdj(series(bars))),
  numbered("RSI", [6, 12, 24], (bars, count) => rsi(closes(bars), count), inPercent),
  numbered("WR", [10, 6], (bars, count) => williams(series(bars), count), inPercent),
  numbered("BIAS", [6, 12, 24], (bars, count) => bias(closes(bars), count), inPercent),
  curves("CCI", [14], { cci: "CCI" }, (bars) => ({ cci: commodityChannel(series(bars)) })),
  curves("DMI", [14, 6], { pdi: "PDI", mdi: "MDI", adx: "ADX", adxr: "ADXR" }, (bars) => directional(series(bars))),
  curves("ROC", [12, 6], { roc: "ROC", maroc: "MAROC" }, (bars) => rateOfChange(closes(bars))),
  curves("PSY", [12, 6], { psy: "PSY", mapsy: "MAPSY" }, (bars) => psychological(closes(bars))),
  curves("ATR", [14], { atr: "ATR" }, (bars) => ({ atr: trueRangeAverage(series(bars)) }), { precision: 3 }),
  curves("OBV", [30], { obv: "OBV", maobv: "MAOBV" }, (bars) => onBalance(closes(bars), volumes(bars)), bigNumbers),
];

/** Make them known to the library, in place of its own. */
export function registerIndicators() {
  for (const template of templates) registerIndicator(/** @type {any} */ (template));
}
