// Where candles come from, and what the reader chose the last time. Apart from the chart library, so that the bars are on
// their way while the library still is.
import { read } from "../_ui/send.js";

/** @typedef {{at: number, kind: string, title: string}} Mark */
/** @typedef {{bars: number[][], marks: Mark[]}} Answer rows: end (s), open, high, low, close (milli), volume, turnover (fen) */
/** @typedef {{period: string, adjustment: string, over: string, under: string}} Choice */

const STORE_KEY = "market-bars";
const COUNT = 300;
const COUNT_OLDER = 500;
const COUNT_LIVE = 2;
/** @type {Choice} */
export const DEFAULTS = { period: "day", adjustment: "forward", over: "MA", under: "MACD" };

/**
 * The choices of this reader, from the last time.
 * @returns {Choice}
 */
export function remembered() {
  try {
    return { ...DEFAULTS, ...JSON.parse(localStorage.getItem(STORE_KEY) ?? "{}") };
  } catch {
    return { ...DEFAULTS };
  }
}

/** @param {Choice} choice */
export function remember(choice) {
  try {
    localStorage.setItem(STORE_KEY, JSON.stringify(choice));
  } catch {
    // A browser that keeps nothing only forgets the choice.
  }
}

export class BarsSource {
  /** @param {string} symbol */
  constructor(symbol) {
    this.symbol = symbol;
    /** @type {Map<string, Promise<Answer>>} */
    this.early = new Map();
  }

  /**
   * @param {Choice} choice
   * @param {string} rest
   * @returns {Promise<Answer>}
   */
  ask({ period, adjustment }, rest) {
    return read(`/market/${this.symbol}/bars?period=${period}&adjustment=${adjustment}&${rest}`);
  }

  /**
   * Begin to fetch what will be drawn first.
   * @param {Choice} choice
   */
  begin(choice) {
    const asked = this.ask(choice, `count=${COUNT}`);
    asked.catch(() => {});
    this.early.set(`${choice.period} ${choice.adjustment}`, asked);
  }

  /**
   * The newest bars; those that are on their way already are waited for, once.
   * @param {Choice} choice
   */
  newest(choice) {
    const key = `${choice.period} ${choice.adjustment}`;
    const early = this.early.get(key);
    this.early.clear();
    return early ?? this.ask(choice, `count=${COUNT}`);
  }

  /**
   * Bars that end before a moment.
   * @param {Choice} choice
   * @param {number} milliseconds
   */
  async older(choice, milliseconds) {
    const answer = await this.ask(choice, `count=${COUNT_OLDER}&before=${Math.round(milliseconds / 1000)}`);
    return { ...answer, hasMore: answer.bars.length === COUNT_OLDER };
  }

  /** @param {Choice} choice */
  live(choice) {
    return this.ask(choice, `count=${COUNT_LIVE}`);
  }
}
