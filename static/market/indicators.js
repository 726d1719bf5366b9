// Indicators with the formulas of Chinese chart software (通达信), the same as h5app/market/indicators.py.
// A value that does not exist yet is null. EMA and SMA are seeded with their first value.

/** @typedef {(number | null)[]} Curve */
/** @typedef {{highs: number[], lows: number[], closes: number[]}} Series bars oldest first, all of one length */

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

/**
 * A value that is there: the index never leaves the array.
 * @param {number[]} values
 * @param {number} index
 */
const at = (values, index) => /** @type {number} */ (values[index]);

/** @param {number[]} values @param {number} bars */
const highestOf = (values, bars) => rolling(values, bars, (window) => Math.max(...window));

/** @param {number[]} values @param {number} bars */
const lowestOf = (values, bars) => rolling(values, bars, (window) => Math.min(...window));

/**
 * The mean of the last bars of a curve; null while one of them has no value.
 * @param {Curve} curve
 * @param {number} bars
 * @returns {Curve}
 */
const meanOfKnown = (curve, bars) =>
  curve.map((_value, index) => {
    const window = curve.slice(Math.max(0, index + 1 - bars), index + 1);
    return window.length < bars || window.includes(null) ? null : mean(/** @type {number[]} */ (window));
  });

/**
 * A curve that begins some bars late, filled up in front.
 * @param {Curve} curve
 * @param {number} bars
 * @param {number} length of the whole
 * @returns {Curve}
 */
const late = (curve, bars, length) => [.../** @type {Curve} */ (Array(bars).fill(null)), ...curve].slice(0, length);

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
 * @param {Series} series
 */
export function kdj({ highs, lows, closes }, bars = 9) {
  const highest = highestOf(highs, bars);
  const lowest = lowestOf(lows, bars);
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
 * BOLL; 0 degrees removed is the population's deviation, 1 the sample's.
 * @param {number[]} closes
 */
export function bollinger(closes, bars = 20, deviations = 2, degreesRemoved = 0) {
  const middle = movingAverage(closes, bars);
  const spread = rolling(closes, bars, (window) => {
    const centre = mean(window);
    const squares = window.reduce((sum, value) => sum + (value - centre) ** 2, 0);
    return Math.sqrt(squares / (window.length - degreesRemoved));
  });
  /** @param {1 | -1} side */
  const band = (side) =>
    middle.map((value, index) => {
      const width = spread[index] ?? null;
      return value === null || width === null ? null : value + side * deviations * width;
    });
  return { middle, upper: band(1), lower: band(-1) };
}

/**
 * EMA: e0 = x0, then e += 2/(n+1) (x - e).
 * @param {number[]} values
 * @param {number} bars
 */
export const exponentialAverage = (values, bars) => smoothed(values, 2 / (bars + 1));

/**
 * WR = 100 (highest - close) / (highest - lowest).
 * @param {Series} series
 * @param {number} bars
 */
export function williams({ highs, lows, closes }, bars = 10) {
  const highest = highestOf(highs, bars);
  const lowest = lowestOf(lows, bars);
  return closes.map((close, index) => {
    const high = highest[index] ?? null;
    const low = lowest[index] ?? null;
    return high === null || low === null ? null : percentOf(high - close, high - low);
  });
}

/**
 * BIAS = 100 (close - MA) / MA.
 * @param {number[]} closes
 * @param {number} bars
 */
export function bias(closes, bars = 6) {
  const averages = movingAverage(closes, bars);
  return closes.map((close, index) => {
    const average = averages[index] ?? null;
    return average === null ? null : percentOf(close - average, average);
  });
}

/**
 * CCI = (TP - MA) / (0.015 mean absolute deviation), TP = (high + low + close) / 3.
 * @param {Series} series
 * @param {number} bars
 */
export function commodityChannel({ highs, lows, closes }, bars = 14) {
  const typical = closes.map((close, index) => (at(highs, index) + at(lows, index) + close) / 3);
  return rolling(typical, bars, (window) => {
    const centre = mean(window);
    const spread = mean(window.map((value) => Math.abs(value - centre)));
    return spread === 0 ? null : (at(window, window.length - 1) - centre) / (0.015 * spread);
  });
}

/**
 * The true ranges from bar 1 on.
 * @param {Series} series
 */
function trueRanges({ highs, lows, closes }) {
  return closes.slice(1).map((_close, index) => {
    const before = at(closes, index);
    const high = at(highs, index + 1);
    const low = at(lows, index + 1);
    return Math.max(high - low, Math.abs(before - high), Math.abs(before - low));
  });
}

/**
 * ATR: plain mean of true ranges, the first of which is that of bar 1.
 * @param {Series} series
 * @param {number} bars
 * @returns {Curve}
 */
export function trueRangeAverage(series, bars = 14) {
  return series.closes.length > 0 ? [null, ...rolling(trueRanges(series), bars, mean)] : [];
}

/**
 * BBI = (MA3 + MA6 + MA12 + MA24) / 4.
 * @param {number[]} closes
 * @returns {Curve}
 */
export function bullBear(closes) {
  const averages = [3, 6, 12, 24].map((bars) => movingAverage(closes, bars));
  return closes.map((_close, index) => {
    const parts = averages.map((curve) => curve[index] ?? null);
    return parts.includes(null) ? null : mean(/** @type {number[]} */ (parts));
  });
}

/**
 * OBV: the volume of rising bars less that of falling ones, and its mean of 30 bars.
 * @param {number[]} closes
 * @param {number[]} volumes
 */
export function onBalance(closes, volumes) {
  let sum = 0;
  const obv = closes.map((close, index) => {
    if (index > 0) sum += Math.sign(close - at(closes, index - 1)) * at(volumes, index);
    return sum;
  });
  return { obv, maobv: movingAverage(obv, 30) };
}

/**
 * PSY: percent of rising bars among the last 12, and its mean of 6.
 * @param {number[]} closes
 */
export function psychological(closes, bars = 12, signal = 6) {
  const rises = closes.slice(1).map((close, index) => (close > at(closes, index) ? 100 : 0));
  const known = rolling(rises, bars, mean);
  return { psy: late(known, 1, closes.length), mapsy: late(meanOfKnown(known, signal), 1, closes.length) };
}

/**
 * ROC = 100 (close - close 12 bars ago) / that close, and its mean of 6.
 * @param {number[]} closes
 */
export function rateOfChange(closes, bars = 12, signal = 6) {
  /** @type {Curve} */
  const roc = closes.map((close, index) => {
    if (index < bars) return null;
    const before = at(closes, index - bars);
    return percentOf(close - before, before);
  });
  return { roc, maroc: meanOfKnown(roc, signal) };
}

/**
 * DMI: PDI and MDI over 14 bars by plain sums, ADX their spread's mean of 6, ADXR with the ADX six bars ago.
 * @param {Series} series
 */
export function directional(series, bars = 14, signal = 6) {
  const { highs, lows, closes } = series;
  const rises = closes.slice(1).map((_close, index) => at(highs, index + 1) - at(highs, index));
  const falls = closes.slice(1).map((_close, index) => at(lows, index) - at(lows, index + 1));
  const up = rises.map((rise, index) => (rise > 0 && rise > at(falls, index) ? rise : 0));
  const down = falls.map((fall, index) => (fall > 0 && fall > at(rises, index) ? fall : 0));
  const [whole, plus, minus] = [trueRanges(series), up, down].map((one) => rolling(one, bars, mean));
  const part = (/** @type {Curve | undefined} */ curve) =>
    (curve ?? []).map((value, index) => {
      const range = whole?.[index] ?? null;
      return value === null || range === null ? null : percentOf(value, range);
    });
  const pdi = part(plus);
  const mdi = part(minus);
  const spread = pdi.map((value, index) => {
    const other = mdi[index] ?? null;
    return value === null || other === null ? null : percentOf(Math.abs(other - value), other + value);
  });
  const adx = meanOfKnown(spread, signal);
  const adxr = adx.map((value, index) => {
    const before = adx[index - signal] ?? null;
    return value === null || before === null ? null : (value + before) / 2;
  });
  const curves = { pdi, mdi, adx, adxr };
  return Object.fromEntries(Object.entries(curves).map(([key, curve]) => [key, late(curve, 1, closes.length)]));
}
