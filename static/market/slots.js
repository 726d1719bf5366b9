// The 241 slots of a day's line, the same as h5app/market/slots.py: 0 is 09:30, 120 is 11:30, 240 is 15:00.

export const LAST_SLOT = 240;
export const NOON_SLOT = 120;
const AUCTION_END = 9 * 60 + 25;
const MORNING = 9 * 60 + 30;
const NOON = 11 * 60 + 30;
const AFTERNOON = 13 * 60;
const CLOSE = 15 * 60;

/**
 * The running slot of a moment of the market (ISO text with Shanghai's offset); undefined before 09:25.
 * @param {string} at
 * @returns {number | undefined}
 */
export function slotOf(at) {
  const minute = Number(at.slice(11, 13)) * 60 + Number(at.slice(14, 16));
  if (minute < AUCTION_END) return undefined;
  if (minute < MORNING) return 0;
  if (minute < NOON) return minute - MORNING + 1;
  if (minute < AFTERNOON) return NOON_SLOT;
  if (minute < CLOSE) return minute - AFTERNOON + NOON_SLOT + 1;
  return LAST_SLOT;
}

/**
 * The stamp of a slot, as 10:31.
 * @param {number} slot
 */
export function slotTime(slot) {
  const minute = slot <= NOON_SLOT ? MORNING + slot : AFTERNOON + slot - NOON_SLOT;
  return `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
}
