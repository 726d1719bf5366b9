// The candles themselves, on klinecharts: periods, adjustments, indicators, the live last bar, and a table of the same.
import { dispose, init } from "klinecharts";
import { lots, price } from "../_ui/format.js";
import { onReturn } from "../_ui/lifecycle.js";
import { read } from "../_ui/send.js";
import { registerIndicators } from "./bars-indicators.js";
import { stylesOf } from "./bars-styles.js";
import { readColours } from "./intraday.js";

/** @typedef {import("klinecharts").KLineData} Bar */

const COUNT = 500;
const COUNT_LIVE = 2;
const LIVE_MS = 5_000;
const TABLE_ROWS = 20;
const CANDLE_PANE = "candle_pane";
const PANE_PX = 56;
const LEGEND_GAP_PX = 4;
const LARGE_LETTERS_PX = 15;
const BAR_PX = 6;
const STORE_KEY = "market-bars";
const DEFAULTS = { period: "day", adjustment: "forward", over: "MA", under: "MACD" };
/** @typedef {import("klinecharts").Period} Period */
/** @type {Period} */
const DAY = { type: "day", span: 1 };
/** @type {Record<string, Period>} */
const PERIODS = {
  day: DAY,
  week: { type: "week", span: 1 },
  month: { type: "month", span: 1 },
  "1m": { type: "minute", span: 1 },
  "5m": { type: "minute", span: 5 },
  "15m": { type: "minute", span: 15 },
  "30m": { type: "minute", span: 30 },
  "60m": { type: "hour", span: 1 },
};

/** The choices of this reader, from the last time. */
function remembered() {
  try {
    return { ...DEFAULTS, ...JSON.parse(localStorage.getItem(STORE_KEY) ?? "{}") };
  } catch {
    return { ...DEFAULTS };
  }
}

/** @param {Record<string, string>} choice */
function remember(choice) {
  try {
    localStorage.setItem(STORE_KEY, JSON.stringify(choice));
  } catch {
    // A browser that keeps nothing only forgets the choice.
  }
}

/**
 * A row of /market/<symbol>/bars as the library takes it; prices become yuan here, for drawing only.
 * @param {number[]} row
 * @returns {Bar}
 */
function barOf(row) {
  const [at = 0, open = 0, high = 0, low = 0, close = 0, volume = 0, turnover = 0] = row;
  return {
    timestamp: at * 1000,
    open: open / 1000,
    high: high / 1000,
    low: low / 1000,
    close: close / 1000,
    volume,
    turnover: turnover / 100,
  };
}

/**
 * The room above the bars of a pane for its legend: two lines, three of large letters.
 * @param {number} letters in pixels
 */
function legendPx(letters) {
  return (letters < LARGE_LETTERS_PX ? 2 : 3) * (letters + LEGEND_GAP_PX);
}

export class BarsView {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    this.symbol = element.dataset.chartSymbol ?? "";
    this.terms = JSON.parse(element.dataset.terms ?? "{}");
    this.choice = remembered();
    this.place = /** @type {HTMLElement} */ (element.querySelector("[data-part='candles']"));
    /** @type {import("klinecharts").Chart | null} */
    this.chart = null;
    /** @type {((bar: Bar) => void) | null} */
    this.update = null;
    this.freshAt = 0;
  }

  async start() {
    registerIndicators();
    this.place.replaceChildren();
    this.chart = init(this.place, {
      locale: "zh-CN",
      timezone: "Asia/Shanghai",
      styles: /** @type {any} */ (this.styles()),
      thousandsSeparator: { sign: "" },
      hotkey: { enabled: false },
      formatter: { formatBigNumber: (value) => lots(Math.round(Number(value)), this.terms.lot_shares) },
    });
    if (!this.chart) throw new Error("no chart");
    // The candles are for the eye: the table below says the same, so the keyboard passes them over.
    for (const one of this.place.querySelectorAll("[tabindex]")) one.setAttribute("tabindex", "-1");
    this.chart.setSymbol({ ticker: this.symbol, pricePrecision: this.terms.decimals, volumePrecision: 0 });
    this.chart.setPeriod(PERIODS[this.choice.period] ?? DAY);
    this.chart.setBarSpace(BAR_PX);
    this.chart.setOffsetRightDistance(BAR_PX);
    this.chart.overrideYAxis({ paneId: CANDLE_PANE, gap: { top: 0.24, bottom: 0.06 } });
    this.drawIndicators();
    this.chart.setDataLoader({
      getBars: (asked) => this.load(asked),
      subscribeBar: ({ callback }) => {
        this.update = callback;
      },
      unsubscribeBar: () => {
        this.update = null;
      },
    });
    this.listen();
  }

  styles() {
    return stylesOf(readColours(this.element), getComputedStyle(this.element).fontFamily);
  }

  /** @param {number} count */
  async rows(count) {
    const { period, adjustment } = this.choice;
    const answer = await read(`/market/${this.symbol}/bars?period=${period}&adjustment=${adjustment}&count=${count}`);
    return /** @type {number[][]} */ (answer.bars);
  }

  /** @param {import("klinecharts").DataLoaderGetBarsParams} asked */
  async load({ type, callback }) {
    if (type !== "init") {
      callback([], false);
      return;
    }
    const failed = /** @type {HTMLElement} */ (this.element.querySelector("[data-part='failed']"));
    try {
      const rows = await this.rows(COUNT);
      failed.hidden = true;
      callback(rows.map(barOf), false);
      this.tabulate(rows);
    } catch {
      failed.hidden = false;
      callback([], false);
    }
    this.element.setAttribute("data-drawn", this.choice.period);
  }

  /** The last bar lives: it is fetched anew while the price moves, at a calm pace. */
  async renew() {
    const now = performance.now();
    if (!this.update || this.element.hidden || now - this.freshAt < LIVE_MS) return;
    this.freshAt = now;
    try {
      for (const row of await this.rows(COUNT_LIVE)) this.update?.(barOf(row));
    } catch {
      // The next quote tries again.
    }
  }

  drawIndicators() {
    const chart = /** @type {import("klinecharts").Chart} */ (this.chart);
    chart.removeIndicator();
    chart.createIndicator({ name: this.choice.over, paneId: CANDLE_PANE }, true);
    chart.createIndicator({ name: "VOL", paneId: "volume" });
    chart.createIndicator({ name: this.choice.under, paneId: "under" });
    const legend = legendPx(readColours(this.element).letters);
    for (const id of ["volume", "under"]) {
      const height = PANE_PX + legend;
      chart.setPaneOptions({ id, height, dragEnabled: false });
      chart.overrideYAxis({ paneId: id, gap: { top: legend / height, bottom: 0.04 } });
    }
    this.press();
  }

  press() {
    for (const [name, value] of Object.entries(this.choice)) {
      for (const button of this.element.querySelectorAll(`[data-${name}]`)) {
        button.setAttribute("aria-pressed", String(button.getAttribute(`data-${name}`) === value));
      }
    }
  }

  listen() {
    for (const name of Object.keys(DEFAULTS)) {
      for (const button of this.element.querySelectorAll(`[data-${name}]`)) {
        button.addEventListener("click", () => this.choose(name, button.getAttribute(`data-${name}`) ?? ""));
      }
    }
    document.addEventListener("market-row", (event) => {
      if (/** @type {CustomEvent} */ (event).detail.symbol === this.symbol) this.renew();
    });
    onReturn(() => this.chart?.resetData());
    new ResizeObserver(() => this.chart?.resize()).observe(this.place);
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.chart?.setStyles(/** @type {any} */ (this.styles()));
    });
    window.addEventListener("pagehide", (event) => {
      if (!event.persisted) dispose(this.place);
    });
  }

  /**
   * @param {string} name
   * @param {string} value
   */
  choose(name, value) {
    this.choice = { ...this.choice, [name]: value };
    remember(this.choice);
    if (name === "period") this.chart?.setPeriod(PERIODS[value] ?? DAY);
    else if (name === "adjustment") this.chart?.resetData();
    else this.drawIndicators();
    this.press();
  }

  /** @param {number[][]} rows oldest first */
  tabulate(rows) {
    const body = this.element.querySelector("[data-part='table']");
    const isMinutes = Boolean(PERIODS[this.choice.period]?.type.match(/minute|hour/));
    const newest = rows.slice(-TABLE_ROWS).reverse();
    body?.replaceChildren(...newest.map((row) => this.tableRow(row, isMinutes)));
  }

  /**
   * @param {number[]} row
   * @param {boolean} isMinutes
   */
  tableRow(row, isMinutes) {
    const [at = 0, open, high, low, close, volume] = row;
    const line = document.createElement("tr");
    const head = document.createElement("th");
    head.scope = "row";
    const stamp = new Date(at * 1000 + 8 * 3_600_000).toISOString();
    head.textContent = isMinutes ? stamp.slice(5, 16).replace("T", " ") : stamp.slice(0, 10);
    line.append(head);
    const texts = [close, open, high, low].map((milli) => price(milli, this.terms.decimals));
    for (const text of [...texts, lots(volume, this.terms.lot_shares)]) {
      const cell = document.createElement("td");
      cell.className = "ui-figure";
      cell.textContent = text;
      line.append(cell);
    }
    return line;
  }
}
