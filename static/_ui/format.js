// Numbers as the reader sees them, the same as h5app/plumbing/format.py; tests/ui/format_cases.json holds both to it.
// Missing is "--", never 0, and no figure is ever written "-0.00". All arithmetic is on whole numbers.

const MISSING = "--";
const WAN = 10_000;
const YI = 100_000_000;
/** @type {Record<Direction, string>} */
const ARROWS = { up: "▲ ", down: "▼ ", flat: "" };
/** @type {Record<Direction, string>} */
const SIGNS = { up: "+", down: "-", flat: "" };

/** @typedef {"up" | "down" | "flat"} Direction */
/** @typedef {number | null | undefined} Maybe */

/** @param {Maybe} value @returns {value is null | undefined} */
const isMissing = (value) => value === null || value === undefined;

/**
 * numerator / denominator, half away from zero.
 * @param {number} numerator
 * @param {number} denominator
 */
function rounded(numerator, denominator) {
  const size = Math.abs(numerator);
  const rest = size % denominator;
  const value = (size - rest) / denominator + (rest * 2 >= denominator ? 1 : 0);
  return numerator < 0 ? 0 - value : value;
}

/**
 * Units of the last place as decimal text.
 * @param {number} units
 * @param {number} decimals
 */
function fixed(units, decimals) {
  const digits = String(Math.abs(units)).padStart(decimals + 1, "0");
  const sign = units < 0 ? "-" : "";
  return decimals === 0 ? sign + digits : `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** @param {number} units @param {number} decimals @param {string} unit */
function arrowed(units, decimals, unit) {
  const way = direction(units);
  return `${ARROWS[way]}${SIGNS[way]}${fixed(Math.abs(units), decimals)}${unit}`;
}

/** @param {number} value @param {number} decimals */
const inPlaces = (value, decimals) => rounded(value, 10 ** (3 - decimals));

/**
 * A price in milli-yuan with its instrument's decimals.
 * @param {Maybe} milli
 * @param {number} decimals
 */
export function price(milli, decimals = 2) {
  return isMissing(milli) ? MISSING : fixed(inPlaces(milli, decimals), decimals);
}

/**
 * Where a value stands against its base; missing is flat.
 * @param {Maybe} value
 * @param {Maybe} base
 * @returns {Direction}
 */
export function direction(value, base = 0) {
  if (isMissing(value) || isMissing(base) || value === base) return "flat";
  return value > base ? "up" : "down";
}

/** @param {Maybe} last milli-yuan @param {Maybe} previousClose milli-yuan @param {number} decimals */
export function change(last, previousClose, decimals = 2) {
  if (isMissing(last) || isMissing(previousClose)) return MISSING;
  return arrowed(inPlaces(last - previousClose, decimals), decimals, "");
}

/** @param {number} last @param {number} previousClose */
const changeHundredths = (last, previousClose) => rounded((last - previousClose) * WAN, previousClose);

/** @param {Maybe} last milli-yuan @param {Maybe} previousClose milli-yuan */
export function changeRatio(last, previousClose) {
  if (isMissing(last) || !previousClose) return MISSING;
  return arrowed(changeHundredths(last, previousClose), 2, "%");
}

/**
 * A decimal text (0.0085) in hundredths of a percent (85), half away from zero, without floating point.
 * @param {string} text
 */
function hundredths(text) {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (!match) return 0;
  const [, sign, whole, part = ""] = match;
  const digits = part.padEnd(5, "0");
  const size = Number(`${whole}${digits.slice(0, 4)}`) + (Number(digits[4]) >= 5 ? 1 : 0);
  return sign ? 0 - size : size;
}

/** @param {string | null | undefined} value a ratio as decimal text */
export function ratio(value) {
  if (value === null || value === undefined) return MISSING;
  const units = hundredths(value);
  return `${SIGNS[direction(units)]}${fixed(Math.abs(units), 2)}%`;
}

/** @param {string | null | undefined} value a ratio as decimal text */
export function percent(value) {
  return value === null || value === undefined ? MISSING : `${fixed(hundredths(value), 2)}%`;
}

/** @param {number} units @param {number} unitsOfOne @param {string} unitOfMany @param {string} unitOfFew */
function short(units, unitsOfOne, unitOfMany, unitOfFew) {
  const sign = units < 0 ? "-" : "";
  const size = Math.abs(units);
  if (size < WAN * unitsOfOne) return `${sign}${fixed(size, String(unitsOfOne).length - 1)}${unitOfFew}`;
  // Two decimals of 万, 亿 or 万亿; the scale is divided first, so that nothing grows past what a number holds exactly.
  for (const [hundredth, name] of /** @type {[number, string][]} */ ([
    [(WAN * unitsOfOne) / 100, "万"],
    [(YI * unitsOfOne) / 100, "亿"],
  ])) {
    const value = rounded(size, hundredth);
    if (value < WAN * 100) return `${sign}${fixed(value, 2)}${name}${unitOfMany}`;
  }
  return `${sign}${fixed(rounded(size, (WAN * YI * unitsOfOne) / 100), 2)}万亿${unitOfMany}`;
}

/** @param {Maybe} quantity whole shares @param {number} lotShares */
export function lots(quantity, lotShares = 100) {
  return isMissing(quantity) ? MISSING : short(rounded(quantity, lotShares), 1, "手", "手");
}

/** @param {string} digits */
const grouped = (digits) => digits.replace(/\B(?=(\d{3})+(?!\d))/g, ",");

/** @param {Maybe} quantity whole shares */
export function shares(quantity) {
  return isMissing(quantity) ? MISSING : grouped(String(quantity));
}

/** @param {Maybe} fen */
export function yuan(fen) {
  if (isMissing(fen)) return MISSING;
  const [whole = "0", part] = fixed(Math.abs(fen), 2).split(".");
  return `${fen < 0 ? "-" : ""}${grouped(whole)}.${part}`;
}

/** @param {Maybe} fen */
export function yuanSigned(fen) {
  return isMissing(fen) ? MISSING : `${fen > 0 ? "+" : ""}${yuan(fen)}`;
}

/** @param {Maybe} fen */
export function yuanShort(fen) {
  return isMissing(fen) ? MISSING : short(fen, 100, "", "元");
}

/** @param {Maybe} indexE4 index points, in 1/10000 */
export function points(indexE4) {
  return isMissing(indexE4) ? MISSING : fixed(rounded(indexE4, 100), 2);
}

/** @param {Maybe} last milli-yuan @param {Maybe} previousClose milli-yuan @param {number} decimals */
export function priceSentence(last, previousClose, decimals = 2) {
  if (isMissing(last) || !previousClose) return "暂无最新价";
  const units = changeHundredths(last, previousClose);
  const size = `${fixed(Math.abs(units), 2)}%`;
  const moves = { up: `上涨 ${size}`, down: `下跌 ${size}`, flat: "平盘" };
  return `最新价 ${price(last, decimals)} 元 ${moves[direction(units)]}`;
}

/** @param {string | null | undefined} account */
export function maskedAccount(account) {
  if (account === null || account === undefined) return MISSING;
  return `****${account.length > 4 ? account.slice(-4) : ""}`;
}
