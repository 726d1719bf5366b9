// The fields of a stock page, the same as h5app/market/views_facts.py; tests/ui/market_facts_cases.json holds both to it.
// Rows come as /market/quotes and /stream give them: a figure that is not known is left out.
import { direction, lots, percent, price, ratio, yuanShort } from "../_ui/format.js";
import { slotOf } from "./slots.js";

const MINUTES_OF_A_DAY = 240;
const RATIO_PLACES = 5;

/** @typedef {import("../_ui/format.js").Direction} Direction */
/** @typedef {[number, number]} Level price (milli-yuan) and quantity (shares) */
/**
 * @typedef {{symbol: string, sequence: number, at: string, phase: string, previous_close_milli: number, volume_shares: number,
 *   turnover_fen: number, last_milli?: number, open_milli?: number, high_milli?: number, low_milli?: number, limit_up_milli?: number,
 *   limit_down_milli?: number, is_suspended?: boolean, bids?: Level[], asks?: Level[], depth_label?: string, outer_shares?: number,
 *   inner_shares?: number, after_hours_volume_shares?: number, after_hours_turnover_fen?: number, iopv_milli?: number}} Row
 */
/**
 * @typedef {{decimals: number, lot_shares: number, is_index?: boolean, is_share?: boolean, shares_outstanding?: number, shares_float?: number,
 *   eps_milli?: number, eps_ttm_milli?: number, eps_forward_milli?: number, net_assets_per_share_milli?: number,
 *   usual_day_shares?: number}} Terms
 */
/** @typedef {{text: string, way: Direction | ""}} Fact */

/**
 * numerator / denominator to the nearest whole number, halves away from zero.
 * @param {number} numerator
 * @param {number} denominator
 */
function nearest(numerator, denominator) {
  const size = Math.abs(numerator);
  const rest = size % denominator;
  const value = (size - rest) / denominator + (rest * 2 >= denominator ? 1 : 0);
  return numerator < 0 ? 0 - value : value;
}

/**
 * part / whole as decimal text, cut after five places: that is what ratio() and percent() round from.
 * @param {number} part
 * @param {number} whole
 */
export function quotient(part, whole) {
  if (!whole) return undefined;
  const scaled = Math.abs(part) * 10 ** RATIO_PLACES;
  const digits = String((scaled - (scaled % whole)) / whole).padStart(RATIO_PLACES + 1, "0");
  return `${part < 0 ? "-" : ""}${digits.slice(0, -RATIO_PLACES)}.${digits.slice(-RATIO_PLACES)}`;
}

/** @param {string} text @param {Direction | ""} way @returns {Fact} */
const fact = (text, way = "") => ({ text, way });

/**
 * A plain number (量比, 市盈率) with two decimals.
 * @param {number | undefined} part
 * @param {number} whole
 */
const multiple = (part, whole) => price(part === undefined ? undefined : nearest(part * 100, whole) * 10);

/** @param {Terms} terms @param {Row} row */
export function averageMilli(terms, row) {
  if (terms.is_index || !row.volume_shares || !row.turnover_fen) return undefined;
  return nearest(row.turnover_fen * 10, row.volume_shares);
}

/** @param {Terms} terms @param {Row} row */
export function turnoverRatio(terms, row) {
  if (row.last_milli === undefined || !terms.shares_float) return undefined;
  return quotient(row.volume_shares, terms.shares_float);
}

/** @param {Terms} terms @param {Row} row @returns {Fact} */
export function volumeRatio(terms, row) {
  const slot = slotOf(row.at);
  if (!terms.usual_day_shares || !row.volume_shares || slot === undefined) return fact(price(undefined), "flat");
  const busy = row.volume_shares * MINUTES_OF_A_DAY;
  const usual = Math.max(1, slot) * terms.usual_day_shares;
  return fact(multiple(busy, usual), direction(busy, usual));
}

/** @param {Row} row */
export function amplitude(row) {
  if (row.high_milli === undefined || row.low_milli === undefined) return undefined;
  return quotient(row.high_milli - row.low_milli, row.previous_close_milli);
}

/** @param {Terms} terms @param {Row} row @param {number | undefined} milli */
function coloured(terms, row, milli) {
  return fact(price(milli, terms.decimals), direction(milli, row.previous_close_milli));
}

/** @param {Level[] | undefined} levels */
const standing = (levels) => (levels ?? []).reduce((sum, level) => sum + level[1], 0);

/** @param {Terms} terms @param {Row} row @returns {Record<string, Fact>} */
function sides(terms, row) {
  const bought = standing(row.bids);
  const sold = standing(row.asks);
  const hasBook = Boolean(row.bids?.length || row.asks?.length);
  const difference = hasBook ? bought - sold : undefined;
  return {
    "order-ratio": fact(ratio(hasBook ? quotient(bought - sold, bought + sold) : undefined), direction(difference)),
    "order-difference": fact(lots(difference, terms.lot_shares), direction(difference)),
    outer: fact(lots(row.outer_shares, terms.lot_shares), "up"),
    inner: fact(lots(row.inner_shares, terms.lot_shares), "down"),
  };
}

/** @param {number} milli @param {number | undefined} eps */
function earningsMultiple(milli, eps) {
  if (eps !== undefined && eps < 0) return fact("亏损");
  return fact(multiple(eps ? milli : undefined, eps ?? 1));
}

/** @param {Terms} terms @param {Row} row @returns {Record<string, Fact>} */
function values(terms, row) {
  if (!terms.is_share) return {};
  const milli = row.last_milli ?? row.previous_close_milli;
  const worth = terms.net_assets_per_share_milli ?? 0;
  /** @param {number | undefined} count */
  const value = (count) => fact(yuanShort(count ? nearest(count * milli, 10) : undefined));
  return {
    "pe-forward": earningsMultiple(milli, terms.eps_forward_milli),
    "pe-ttm": earningsMultiple(milli, terms.eps_ttm_milli),
    "pe-static": earningsMultiple(milli, terms.eps_milli),
    pb: fact(multiple(worth > 0 ? milli : undefined, worth)),
    "total-value": value(terms.shares_outstanding),
    "float-value": value(terms.shares_float),
  };
}

/** @param {Terms} terms @param {Row} row @returns {Record<string, Fact>} */
function afterHours(terms, row) {
  /** @type {Record<string, Fact>} */
  const rows = {};
  if (row.after_hours_volume_shares !== undefined) {
    rows["after-volume"] = fact(lots(row.after_hours_volume_shares, terms.lot_shares));
    rows["after-turnover"] = fact(yuanShort(row.after_hours_turnover_fen));
  }
  if (row.iopv_milli !== undefined) rows.iopv = fact(price(row.iopv_milli, 3));
  return rows;
}

/** @param {Terms} terms @param {Row} row @returns {Record<string, Fact>} */
function basics(terms, row) {
  const hasTraded = row.last_milli !== undefined;
  return {
    open: coloured(terms, row, row.open_milli),
    high: coloured(terms, row, row.high_milli),
    low: coloured(terms, row, row.low_milli),
    "previous-close": fact(price(row.previous_close_milli, terms.decimals)),
    volume: fact(lots(hasTraded ? row.volume_shares : undefined, terms.lot_shares)),
    turnover: fact(yuanShort(hasTraded ? row.turnover_fen : undefined)),
    amplitude: fact(percent(amplitude(row))),
  };
}

/**
 * Every field of an instrument by its key.
 * @param {Terms} terms
 * @param {Row} row
 * @returns {Record<string, Fact>}
 */
export function facts(terms, row) {
  if (terms.is_index) return basics(terms, row);
  return {
    ...basics(terms, row),
    "turnover-ratio": fact(percent(turnoverRatio(terms, row))),
    "volume-ratio": volumeRatio(terms, row),
    average: coloured(terms, row, averageMilli(terms, row)),
    "limit-up": fact(price(row.limit_up_milli, terms.decimals), row.limit_up_milli === undefined ? "flat" : "up"),
    "limit-down": fact(
      price(row.limit_down_milli, terms.decimals),
      row.limit_down_milli === undefined ? "flat" : "down",
    ),
    ...sides(terms, row),
    ...values(terms, row),
    ...afterHours(terms, row),
  };
}
