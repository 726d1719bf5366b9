// The candles themselves, on klinecharts: periods, adjustments, indicators, the live last bar, and the same in words.
import { dispose, init } from "klinecharts";
import { lots } from "../_ui/format.js";
import { onReturn } from "../_ui/lifecycle.js";
import { hideFalsePixels } from "./bars-crisp.js";
import { DEFAULTS, remember, remembered } from "./bars-data.js";
import { registerIndicators } from "./bars-indicators.js";
import { EX_MARKS, layMarks, registerMarks } from "./bars-marks.js";
import { stylesOf } from "./bars-styles.js";
import { readOut, tabulate, tell } from "./bars-table.js";
import { onInkChange, readColours } from "./chart-ink.js";

/** @typedef {import("klinecharts").KLineData} Bar */
/** @typedef {import("klinecharts").Period} Period */
/** @typedef {import("./facts.js").Row} Row */

const LIVE_MS = 5_000;
const CANDLE_PANE = "candle_pane";
const PANE_SHARE = 0.14;
const PANE_PX_MAX = 56;
/** A chart this wide has its legends in one line. */
const WIDE_PX = 600;
const NARROW_PX = 350;
/** Between the candles' legend and the highest price there is room for that price's own mark. */
const MARK_PX = 12;
const LEGEND_GAP_PX = 4;
const LARGE_LETTERS_PX = 15;
const BAR_PX = 6;
/** @type {Period} */
const DAY = { type: "day", span: 1 };
/** @type {Record<string, Period>} */
const PERIODS = {
  day: DAY,
  week: { type: "week", span: 1 },
  month: { type: "month", span: 1 },
  quarter: { type: "month", span: 3 },
  year: { type: "year", span: 1 },
  "1m": { type: "minute", span: 1 },
  "5m": { type: "minute", span: 5 },
  "15m": { type: "minute", span: 15 },
  "30m": { type: "minute", span: 30 },
  "60m": { type: "hour", span: 1 },
};

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
 * The running day as a moving quote tells it; undefined before its first trade.
 * @param {Row} row
 * @returns {Bar | undefined}
 */
export function barOfQuote(row) {
  const { open_milli: open, high_milli: high, low_milli: low, last_milli: last } = row;
  if (!row.volume_shares || open == null || high == null || low == null || last == null) return undefined;
  const at = Date.parse(`${row.at.slice(0, 10)}T15:00:00+08:00`) / 1000;
  return barOf([at, open, high, low, last, row.volume_shares, row.turnover_fen]);
}

/**
 * The room above the bars of a pane for its legend: one line on a wide chart, else two, three of large letters.
 * @param {number} letters in pixels
 * @param {number} width
 */
function legendPx(letters, width) {
  const lines = width > WIDE_PX ? 1 : letters < LARGE_LETTERS_PX ? 2 : 3;
  return lines * (letters + LEGEND_GAP_PX);
}

export class BarsView {
  /**
   * @param {HTMLElement} element
   * @param {import("./bars-data.js").BarsSource} source
   */
  constructor(element, source) {
    this.element = element;
    this.source = source;
    this.symbol = source.symbol;
    this.terms = JSON.parse(element.dataset.terms ?? "{}");
    this.choice = remembered();
    this.place = this.part("candles");
    this.reading = this.part("reading");
    /** @type {import("klinecharts").Chart | null} */
    this.chart = null;
    /** @type {((bar: Bar) => void) | null} */
    this.update = null;
    this.freshAt = 0;
    this.crossed = -1;
    /** @param {number} index the bar under the crosshair, -1 for none */
    this.onCross = (index) => {
      if (index === this.crossed) return;
      this.crossed = index;
      this.read(index < 0 ? (this.chart?.getDataList().length ?? 0) - 1 : index);
    };
  }

  /** @param {string} name */
  part(name) {
    return /** @type {HTMLElement} */ (this.element.querySelector(`[data-part='${name}']`));
  }

  get isMinutes() {
    return /minute|hour/.test(PERIODS[this.choice.period]?.type ?? "");
  }

  async start() {
    hideFalsePixels();
    registerIndicators();
    registerMarks();
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

  /** @param {import("klinecharts").DataLoaderGetBarsParams} asked */
  async load({ type, timestamp, callback }) {
    if (type === "forward" && timestamp) {
      await this.loadOlder(timestamp, callback);
    } else if (type === "init") await this.loadNewest(callback);
    else callback([], false);
  }

  /**
   * Whether an answer to this choice is still wanted: another curve changes no bar.
   * @param {import("./bars-data.js").Choice} choice
   */
  isStill({ period, adjustment }) {
    return period === this.choice.period && adjustment === this.choice.adjustment;
  }

  /** @param {import("klinecharts").DataLoaderGetBarsParams["callback"]} callback */
  async loadNewest(callback) {
    const failed = this.part("failed");
    const { choice } = this;
    try {
      const { bars: rows, marks } = await this.source.newest(choice);
      if (!this.isStill(choice)) return;
      failed.hidden = true;
      callback(layMarks(rows.map(barOf), marks), { forward: rows.length > 0, backward: false });
      this.say(rows);
    } catch {
      failed.hidden = false;
      callback([], false);
    }
    this.element.setAttribute("data-drawn", choice.period);
  }

  /**
   * The reader drags on into the past.
   * @param {number} timestamp
   * @param {import("klinecharts").DataLoaderGetBarsParams["callback"]} callback
   */
  async loadOlder(timestamp, callback) {
    const { choice } = this;
    try {
      const { bars: rows, marks, hasMore } = await this.source.older(choice, timestamp);
      if (!this.isStill(choice)) return;
      callback(layMarks(rows.map(barOf), marks), { forward: hasMore, backward: false });
    } catch {
      callback([], { forward: true, backward: false });
    }
  }

  /** @param {number[][]} rows oldest first */
  say(rows) {
    tabulate(this.part("table"), rows, this.terms, this.isMinutes);
    const shown = { period: this.pressed("period"), adjustment: this.pressed("adjustment"), isMinutes: this.isMinutes };
    tell(this.part("sentence"), rows, this.terms, shown);
    this.read(rows.length - 1);
  }

  /** @param {string} name */
  pressed(name) {
    return this.element.querySelector(`[data-${name}][aria-pressed="true"]`)?.textContent?.trim() ?? "";
  }

  /**
   * Write one bar into the row above the candles.
   * @param {number} index
   */
  read(index) {
    const bars = this.chart?.getDataList() ?? [];
    readOut(this.reading, bars[index], bars[index - 1]?.close, this.terms, this.isMinutes);
  }

  /**
   * The last bar lives: a day moves with the quote, anything else is fetched anew at a calm pace.
   * @param {Row} row
   */
  async renew(row) {
    if (!this.update || this.element.hidden) return;
    const { choice } = this;
    if (choice.period === "day" && choice.adjustment !== "backward") {
      const bar = barOfQuote(row);
      const bars = this.chart?.getDataList() ?? [];
      const last = bars[bars.length - 1];
      if (bar && last && bar.timestamp >= last.timestamp) this.put({ ...last, ...bar });
      return;
    }
    const now = performance.now();
    if (now - this.freshAt < LIVE_MS) return;
    this.freshAt = now;
    try {
      const { bars } = await this.source.live(choice);
      if (this.isStill(choice)) for (const one of bars) this.put(barOf(one));
    } catch {
      // The next quote tries again.
    }
  }

  /** @param {Bar} bar */
  put(bar) {
    this.update?.(bar);
    if (this.crossed < 0) this.read((this.chart?.getDataList().length ?? 0) - 1);
  }

  drawIndicators() {
    const chart = /** @type {import("klinecharts").Chart} */ (this.chart);
    chart.removeIndicator();
    chart.createIndicator({ name: this.choice.over, paneId: CANDLE_PANE }, true);
    chart.createIndicator({ name: EX_MARKS, paneId: CANDLE_PANE, extendData: this.onCross }, true);
    chart.createIndicator({ name: "VOL", paneId: "volume" });
    chart.createIndicator({ name: this.choice.under, paneId: "under" });
    this.share();
    this.press();
  }

  /** The lower panes take their legend and a part of the height each; the candles take the rest. */
  share() {
    const legend = legendPx(readColours(this.element).letters, this.place.clientWidth);
    const height = Math.round(legend + Math.min(PANE_PX_MAX, this.place.clientHeight * PANE_SHARE));
    for (const id of ["volume", "under"]) {
      this.chart?.setPaneOptions({ id, height, dragEnabled: false });
      this.chart?.overrideYAxis({ paneId: id, gap: { top: legend / height, bottom: 0.04 } });
    }
    const isNarrow = this.place.clientWidth < NARROW_PX;
    const above = legend * (isNarrow ? 1.5 : 1) + MARK_PX;
    const candles = Math.max(above * 2, this.place.clientHeight - 2 * height);
    this.chart?.overrideYAxis({ paneId: CANDLE_PANE, gap: { top: above / candles, bottom: 0.1 } });
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
      const row = /** @type {CustomEvent} */ (event).detail;
      if (row.symbol === this.symbol) this.renew(row);
    });
    onReturn(() => this.chart?.resetData());
    new ResizeObserver(() => {
      this.chart?.resize();
      this.share();
    }).observe(this.place);
    onInkChange(() => this.chart?.setStyles(/** @type {any} */ (this.styles())));
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
    this.press();
    if (name === "period") this.chart?.setPeriod(PERIODS[value] ?? DAY);
    else if (name === "adjustment") this.chart?.resetData();
    else this.drawIndicators();
  }
}
