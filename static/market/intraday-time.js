// Seconds of a day as a clock writes them.

/** @param {number} number */
const two = (number) => String(number).padStart(2, "0");

/**
 * @param {number} seconds since midnight
 * @returns {string} as 09:15:20
 */
export function clockText(seconds) {
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}
