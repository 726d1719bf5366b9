// Indicators with the formulas of Chinese chart software (通达信), the same as h5app/market/indicators.py.
// A value that does not exist yet is null. EMA and SMA are seeded with their first value.

/** @typedef {(number | null)[]} Curve */

/**
 * Call `measure` with each window of the last `bars` values; null before the first whole one.
 * @param {number[]} values
 * @param {number} bars
 * @param {(window: number[]) => number | null} measure
 * @returns {Curve}
 */
function rolling(values, bars, measure) {
  return values.map((_value, index) => (index + 1 < bars ? null : measure(values.slice(index + 1 - bars, index + 1))));
}

/** @param {number[]} window */
const mean = (window) => window.reduce((sum, value) => sum + value, 0) / window.length;

/**
 * s0 = x0, then s += weight (x - s).
 * @param {number[]} values
 * @param {number} weight
 */
function smoothed(values, weight) {
  /** @type {number[]} */
  const curve = [];
  for (const value of values) {
    const before = curve[curve.length - 1];
    curve.push(before === undefined ? value : before + weight * (value - before));
  }
  return curve;
}

/**
 * The same over a curve with holes: a hole keeps the value before it.
 * @param {Curve} values
 * @param {number} weight
 * @returns {Curve}
 */
function smoothedCurve(values, weight) {
  /** @type {number | null} */
  let before = null;
  return values.map((value) => {
    if (value !== null) before = before === null ? value : before + weight * (value - before);
    return before;
  });
}

/** @param {number} part @param {number} whole */
const percentOf = (part, whole) => (whole === 0 ? null : (100 * part) / whole);

/**
 * MA: plain mean of the last bars.
 * @param {number[]} values
 * @param {number} bars
 */
export const movingAverage = (values, bars) => rolling(values, bars, mean);

/**
 * MACD: DIF, DEA and the bar 2 (DIF - DEA).
 * @param {number[]} closes
 */
export function macd(closes, fast = 12, slow = 26, signal = 9) {
  const quick = smoothed(closes, 2 / (fast + 1));
  const calm = smoothed(closes, 2 / (slow + 1));
  const dif = quick.map((value, index) => value - /** @type {number} */ (calm[index]));
  const dea = smoothed(dif, 2 / (signal + 1));
  return { dif, dea, macd: dif.map((value, index) => 2 * (value - /** @type {number} */ (dea[index]))) };
}

/**
 * KDJ: K = SMA(RSV,3), D = SMA(K,3), J = 3K - 2D; a bar without a range keeps the K and D before it.
 * @param {{highs: number[], lows: number[], closes: number[]}} series
 */
export function kdj({ highs, lows, closes }, bars = 9) {
  const highest = rolling(highs, bars, (window) => Math.max(...window));
  const lowest = rolling(lows, bars, (window) => Math.min(...window));
  const ratios = closes.map((close, index) => {
    const high = highest[index] ?? null;
    const low = lowest[index] ?? null;
    return high === null || low === null ? null : percentOf(close - low, high - low);
  });
  const k = smoothedCurve(ratios, 1 / 3);
  const d = smoothedCurve(k, 1 / 3);
  const j = k.map((value, index) => {
    const other = d[index] ?? null;
    return value === null || other === null ? null : 3 * value - 2 * other;
  });
  return { k, d, j };
}

/**
 * RSI = 100 SMA(max(d,0)) / SMA(|d|), d = change from bar 1 on; null while nothing moved.
 * @param {number[]} closes
 * @param {number} bars
 * @returns {Curve}
 */
export function rsi(closes, bars) {
  const changes = closes.slice(1).map((close, index) => close - /** @type {number} */ (closes[index]));
  const rises = smoothed(
    changes.map((change) => Math.max(change, 0)),
    1 / bars,
  );
  const moves = smoothed(
    changes.map((change) => Math.abs(change)),
    1 / bars,
  );
  const curve = rises.map((rise, index) => percentOf(rise, /** @type {number} */ (moves[index])));
  return closes.length > 0 ? [null, ...curve] : [];
}

/**
 * BOLL with the population's deviation.
 * @param {number[]} closes
 */
export function bollinger(closes, bars = 20, deviations = 2) {
  const middle = movingAverage(closes, bars);
  const spread = rolling(closes, bars, (window) => {
    const centre = mean(window);
    return Math.sqrt(mean(window.map((value) => (value - centre) ** 2)));
  });
  /** @param {1 | -1} side */
  const band = (side) =>
    middle.map((value, index) => {
      const width = spread[index] ?? null;
      return value === null || width === null ? null : value + side * deviations * width;
    });
  return { middle, upper: band(1), lower: band(-1) };
}
