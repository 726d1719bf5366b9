// What a tap on minus or plus makes of a price or a quantity; the same rules as h5app/trading/ticket.py.

/** @typedef {{tick: string, up: string, down: string, decimals: number}} PriceRules decimal texts; up and down may be empty */
/** @typedef {{minimum: number, step: number, maximum: number, stride: number}} QuantityRules whole shares */

/**
 * A decimal text in whole units of the last place; nonsense counts as nothing.
 * @param {string} text
 * @param {number} decimals
 */
export function unitsOf(text, decimals) {
  const match = /^(\d*)(?:\.(\d*))?$/.exec(text.trim());
  if (!match) return 0;
  const [, whole, part = ""] = match;
  return Number(`${whole || "0"}${part.padEnd(decimals, "0").slice(0, decimals)}`);
}

/**
 * @param {number} units
 * @param {number} decimals
 */
export function textOf(units, decimals) {
  const digits = String(units).padStart(decimals + 1, "0");
  return decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/**
 * The price one tick away, on the tick grid and inside the day's limits.
 * @param {string} text
 * @param {number} by 1 or -1
 * @param {PriceRules} rules
 */
export function steppedPrice(text, by, rules) {
  const { decimals } = rules;
  const tick = unitsOf(rules.tick, decimals) || 1;
  const price = unitsOf(text, decimals);
  const onGrid = price - (price % tick);
  const ticks = by < 0 && onGrid !== price ? by + 1 : by;
  const lowest = rules.down ? unitsOf(rules.down, decimals) : tick;
  const moved = Math.max(onGrid + ticks * tick, lowest);
  return textOf(rules.up ? Math.min(moved, unitsOf(rules.up, decimals)) : moved, decimals);
}

/**
 * The largest regular quantity up to `shares`; 0 when even the minimum is more.
 * @param {number} shares
 * @param {QuantityRules} rules
 */
function floor(shares, { minimum, step, maximum }) {
  const bounded = Math.min(shares, maximum);
  return bounded < minimum ? 0 : bounded - ((bounded - minimum) % step);
}

/**
 * The regular quantity a stride above or below; the first tap gives the minimum, below it is nothing.
 * @param {string} text
 * @param {number} by 1 or -1
 * @param {QuantityRules} rules
 */
export function steppedQuantity(text, by, rules) {
  const shares = unitsOf(text, 0);
  if (by > 0) return String(shares < rules.minimum ? rules.minimum : floor(shares + rules.stride, rules));
  const lower = shares > rules.minimum ? Math.max(floor(shares - rules.stride, rules), rules.minimum) : 0;
  return lower ? String(lower) : "";
}
