// data-behaviour="intraday": today's line on a canvas, or five days. Fixed slots, symmetric about the previous close,
// average line, volume below, only up to now; on request the opening call on the left and the after-hours trading on the
// right. Press and hold (or hover, or the arrow keys) reads one minute out in the line above.
import { changeRatio, direction, lots, price } from "../_ui/format.js";
import { onReturn } from "../_ui/lifecycle.js";
import { read } from "../_ui/send.js";
import { fit, onInkChange, readColours } from "./chart-ink.js";
import { holdToRead } from "./intraday-hold.js";
import { Painter } from "./intraday-paint.js";
import { carry } from "./intraday-plot.js";
import { Axis, spotNear, spotsOf } from "./intraday-spots.js";
import { tellLine } from "./intraday-table.js";
import { paint, write } from "./live.js";

/** @typedef {import("./intraday-plot.js").Point} Point */
/** @typedef {import("./intraday-spots.js").Day} Day */
/** @typedef {import("./intraday-spots.js").Shown} Shown */
/** @typedef {import("./intraday-spots.js").Spot} Spot */
/** @typedef {import("./facts.js").Row} Row */

const DAYS = 5;
const STORE_KEY = "market-line";
const STRIP_MS = 5_000;
/** Parts of the day in which a strip grows while the line itself does not. */
const STRIP_PHASES = new Set(["open_call", "open_call_nocancel", "after_hours_fixed"]);

/** @param {HTMLElement} element */
export function connect(element) {
  const chart = new IntradayChart(element);
  chart.start();
}

/** The choices of this reader, from the last time. */
function remembered() {
  const usual = { days: 1, call: false, after: false };
  try {
    return { ...usual, ...JSON.parse(localStorage.getItem(STORE_KEY) ?? "{}") };
  } catch {
    return usual;
  }
}

class IntradayChart {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    this.symbol = element.dataset.chartSymbol ?? "";
    this.terms = JSON.parse(element.dataset.terms ?? "{}");
    this.base = /** @type {HTMLCanvasElement} */ (element.querySelector("[data-part='plot']"));
    this.overlay = /** @type {HTMLCanvasElement} */ (element.querySelector("[data-part='cross']"));
    this.choice = remembered();
    /** @type {Point[]} */
    this.points = [];
    /** @type {string | null} */
    this.day = null;
    /** @type {Day[]} */
    this.earlier = [];
    /** @type {import("./intraday-spots.js").Call[]} */
    this.calls = [];
    /** @type {import("./intraday-spots.js").After[]} */
    this.after = [];
    this.previousClose = Number(element.dataset.previousClose ?? 0);
    /** @type {number | null} */
    this.earlierClose = null;
    /** @type {Spot[]} */
    this.spots = [];
    this.chosen = -1;
    this.askedAt = "";
    this.stripsAt = 0;
    this.turn = 0;
    this.isLoading = false;
    /** @type {Row | null} the newest row that arrived while the line was on its way */
    this.missed = null;
    this.frame = 0;
    this.crossFrame = 0;
    this.painter = new Painter(this.terms, readColours(element));
    this.cells = Object.fromEntries(
      [...element.querySelectorAll("[data-read]")].map((cell) => [cell.getAttribute("data-read") ?? "", cell]),
    );
  }

  start() {
    this.load();
    document.addEventListener("market-row", (event) => this.take(/** @type {CustomEvent} */ (event).detail));
    onReturn(() => this.load());
    new ResizeObserver(() => this.plan()).observe(this.base);
    onInkChange(() => {
      this.painter.colours = readColours(this.element);
      this.plan();
    });
    for (const button of this.element.querySelectorAll("[data-days], [data-strip]")) {
      button.addEventListener("click", () => this.choose(/** @type {HTMLElement} */ (button)));
    }
    this.press();
    holdToRead(this.overlay, this.element, {
      at: (x) => this.read(spotNear(this.spots, x)),
      step: (way) => this.step(way),
      away: () => this.read(-1),
    });
  }

  /** @param {HTMLElement} button */
  choose(button) {
    const { days, strip } = button.dataset;
    if (days) this.choice.days = Number(days);
    else if (strip === "call" || strip === "after") this.choice[strip] = !this.choice[strip];
    try {
      localStorage.setItem(STORE_KEY, JSON.stringify(this.choice));
    } catch {
      // A browser that keeps nothing only forgets the choice.
    }
    this.press();
    this.load();
  }

  press() {
    for (const button of this.element.querySelectorAll("[data-days]")) {
      button.setAttribute("aria-pressed", String(Number(button.getAttribute("data-days")) === this.choice.days));
    }
    for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (this.element.querySelectorAll("[data-strip]"))) {
      const strip = button.dataset.strip === "call" ? "call" : "after";
      button.setAttribute("aria-pressed", String(this.choice[strip]));
      button.disabled = this.choice.days > 1;
    }
  }

  get hasStrips() {
    return this.choice.days === 1 && (this.choice.call || this.choice.after);
  }

  async load() {
    this.isLoading = true;
    this.turn += 1;
    const { turn } = this;
    const query = this.choice.days > 1 ? `days=${DAYS}` : `strips=${Number(this.hasStrips)}`;
    try {
      const line = await read(`/market/${this.symbol}/line?${query}`);
      if (turn !== this.turn) return;
      this.keep(line);
      this.element.classList.remove("has-failed");
    } catch {
      if (turn !== this.turn) return;
      this.element.classList.toggle("has-failed", this.points.length === 0);
    }
    this.isLoading = false;
    this.element.setAttribute("data-drawn", String(this.choice.days));
    this.plan();
    this.takeMissed();
  }

  /** The answer may be older than what the stream told while it was on its way. */
  takeMissed() {
    const { missed } = this;
    this.missed = null;
    if (missed) this.take(missed);
  }

  /** @param {any} line the answer of /market/<symbol>/line */
  keep(line) {
    this.points = line.points;
    this.day = line.day;
    this.previousClose = line.previous_close_milli ?? this.previousClose;
    this.earlier = line.earlier;
    this.earlierClose = line.earlier_close_milli;
    this.calls = line.calls;
    this.after = line.after_hours;
    this.element.classList.toggle("has-line", this.points.length + this.earlier.length > 0);
    tellLine(document, this.points, this.previousClose, this.terms);
  }

  /** @param {Row} row */
  take(row) {
    if (row.symbol !== this.symbol) return;
    if (this.isLoading) {
      this.missed = row;
      return;
    }
    this.previousClose = row.previous_close_milli;
    const outcome = carry(this.points, this.day, row);
    if (outcome === "moved") this.plan();
    const minute = row.at.slice(0, 16);
    const isDue = outcome === "stale" && this.askedAt !== minute;
    const now = performance.now();
    const isStripDue = this.hasStrips && STRIP_PHASES.has(row.phase) && now - this.stripsAt > STRIP_MS;
    if (!isDue && !isStripDue) return;
    if (isDue) this.askedAt = minute;
    this.stripsAt = now;
    this.load();
  }

  /** Draw once in the next frame, however much has changed. */
  plan() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.draw());
  }

  /** @returns {Shown} */
  shown() {
    const today = this.points.length > 0 ? [{ day: this.day ?? "", points: this.points }] : [];
    const isOne = this.choice.days === 1;
    return {
      days: isOne ? today : [...this.earlier, ...today].slice(-DAYS),
      room: isOne ? 1 : DAYS,
      calls: this.calls,
      after: this.after,
      hasCalls: isOne && this.choice.call,
      hasAfter: isOne && this.choice.after,
    };
  }

  draw() {
    const size = fit(this.base);
    fit(this.overlay);
    const context = this.base.getContext("2d");
    if (!context || size.width === 0) return;
    const shown = this.shown();
    const axis = new Axis(size.width, shown);
    const middle = shown.room > 1 ? (this.earlierClose ?? this.previousClose) : this.previousClose;
    this.painter.measure(size, shown, middle);
    this.painter.draw(context, axis, shown);
    this.spots = spotsOf(axis, shown);
    this.chosen = Math.min(this.chosen, this.spots.length - 1);
    this.writeAxis(axis, shown);
    this.drawCross();
  }

  /**
   * @param {Axis} axis
   * @param {Shown} shown
   */
  writeAxis(axis, shown) {
    const place = this.element.querySelector("[data-part='axis']");
    const labels = axis.labels(shown.days.map((day) => day.day.slice(5)));
    const key = JSON.stringify(labels);
    if (!place || place.getAttribute("data-labels") === key) return;
    place.setAttribute("data-labels", key);
    place.replaceChildren(
      ...labels.map(({ text, x, side }) => {
        const span = document.createElement("span");
        span.textContent = text;
        span.className = `is-${side}`;
        span.style.left = `${(x / axis.width) * 100}%`;
        return span;
      }),
    );
  }

  drawCross() {
    const context = this.overlay.getContext("2d");
    const spot = this.spots[this.chosen];
    if (context) this.painter.drawCross(context, spot);
    this.tell(spot ?? this.newest);
  }

  /** What is read out while nobody points: the line's last minute, before there is one the call's last step. */
  get newest() {
    const last = this.spots.length - 1;
    for (let index = last; index >= 0; index -= 1) if (this.spots[index]?.kind === "line") return this.spots[index];
    return this.spots[last];
  }

  /** @param {Spot | undefined} spot */
  tell(spot) {
    const { decimals, lot_shares: lot, is_index: isIndex } = this.terms;
    const before = this.closeBefore(spot);
    const way = spot ? direction(spot.price, before) : "flat";
    const texts = {
      time: spot ? spot.time : "--:--",
      price: price(spot?.price, decimals),
      average: price(isIndex ? undefined : spot?.average, decimals),
      change: changeRatio(spot?.price, before),
      volume: lots(spot?.volume, lot),
    };
    for (const [name, text] of Object.entries(texts)) {
      const cell = this.cells[name] ?? null;
      write(cell, text);
      if (name === "price" || name === "change") paint(cell, way);
    }
  }

  /**
   * The close before the day of a spot: what its change is measured against.
   * @param {Spot | undefined} spot
   */
  closeBefore(spot) {
    const { days, room } = this.shown();
    if (room === 1 || !spot) return this.previousClose;
    if (spot.day === 0) return this.earlierClose ?? this.previousClose;
    return days[spot.day - 1]?.points.slice(-1)[0]?.[1] ?? this.previousClose;
  }

  /** @param {number} index into the spots, -1 for none */
  read(index) {
    if (index === this.chosen) return;
    this.chosen = index;
    this.element.classList.toggle("is-read", index >= 0);
    cancelAnimationFrame(this.crossFrame);
    this.crossFrame = requestAnimationFrame(() => this.drawCross());
  }

  /** @param {-1 | 1} way */
  step(way) {
    const last = this.spots.length - 1;
    if (last < 0) return;
    const from = this.chosen < 0 ? last + (way < 0 ? 1 : 0) : this.chosen;
    this.read(Math.min(Math.max(from + way, 0), last));
  }
}
