// data-step beside an input: adds the step to a decimal text exactly, in whole units of the last place.

/**
 * Add two decimal texts exactly; the answer has `decimals` places and is never below zero.
 * @param {string} text
 * @param {string} step
 * @param {number} decimals
 */
export function addDecimal(text, step, decimals) {
  const sum = units(text, decimals) + units(step, decimals);
  const digits = String(Math.max(sum, 0)).padStart(decimals + 1, "0");
  if (decimals === 0) return digits;
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/**
 * @param {string} text
 * @param {number} decimals
 */
function units(text, decimals) {
  const match = /^(-?)(\d*)(?:\.(\d*))?$/.exec(text.trim());
  if (!match) return 0;
  const [, sign, whole, part = ""] = match;
  const value = Number(`${whole || "0"}${part.padEnd(decimals, "0").slice(0, decimals)}`);
  return sign ? -value : value;
}
