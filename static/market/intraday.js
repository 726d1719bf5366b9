// data-behaviour="intraday": today's line on a canvas. Fixed 241 slots, symmetric about the previous close, average line,
// volume below, only up to now. Press and hold (or hover, or the arrow keys) reads one minute out in the line above.
import { changeRatio, direction, lots, price, ratio } from "../_ui/format.js";
import { onReturn } from "../_ui/lifecycle.js";
import { read } from "../_ui/send.js";
import { quotient } from "./facts.js";
import { carry, halfRange, pointNear, slotX, tickWay, volumeMax } from "./intraday-plot.js";
import { paint, write } from "./live.js";
import { LAST_SLOT, NOON_SLOT, slotTime } from "./slots.js";

/** @typedef {import("./intraday-plot.js").Point} Point */
/** @typedef {import("./facts.js").Row} Row */

const HOLD_MS = 250;
const MOVE_PX_MAX = 8;
const VOLUME_SHARE = 0.26;
const GAP_PX = 6;
const PAD_PX = 2;
const LABEL_PX = 3;
const LARGE_TEXT_RATIO = 1.5;

/** @param {HTMLElement} element */
export function connect(element) {
  const chart = new IntradayChart(element);
  chart.start();
}

class IntradayChart {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    this.symbol = element.dataset.chartSymbol ?? "";
    this.terms = JSON.parse(element.dataset.terms ?? "{}");
    this.base = /** @type {HTMLCanvasElement} */ (element.querySelector("[data-part='plot']"));
    this.overlay = /** @type {HTMLCanvasElement} */ (element.querySelector("[data-part='cross']"));
    /** @type {Point[]} */
    this.points = [];
    /** @type {string | null} */
    this.day = null;
    this.previousClose = Number(element.dataset.previousClose ?? 0);
    this.width = 0;
    this.height = 0;
    this.priceHeight = 0;
    this.volumeTop = 0;
    this.half = 1;
    this.mostVolume = 1;
    this.chosen = -1;
    this.askedAt = "";
    this.isLoading = false;
    this.frame = 0;
    this.colours = readColours(element);
  }

  start() {
    this.load();
    document.addEventListener("market-row", (event) => this.take(/** @type {CustomEvent} */ (event).detail));
    onReturn(() => this.load());
    new ResizeObserver(() => this.plan()).observe(this.base);
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.colours = readColours(this.element);
      this.plan();
    });
    this.listen();
  }

  async load() {
    this.isLoading = true;
    try {
      const line = await read(`/market/${this.symbol}/line`);
      this.points = line.points;
      this.day = line.day;
      this.previousClose = line.previous_close_milli ?? this.previousClose;
      this.element.classList.remove("has-failed");
    } catch {
      this.element.classList.toggle("has-failed", this.points.length === 0);
    }
    this.isLoading = false;
    this.element.toggleAttribute("data-drawn", true);
    this.plan();
  }

  /** @param {Row} row */
  take(row) {
    if (row.symbol !== this.symbol || this.isLoading) return;
    this.previousClose = row.previous_close_milli;
    const outcome = carry(this.points, this.day, row);
    if (outcome === "moved") this.plan();
    const minute = row.at.slice(0, 16);
    if (outcome === "stale" && this.askedAt !== minute) {
      this.askedAt = minute;
      this.load();
    }
  }

  /** Draw once in the next frame, however much has changed. */
  plan() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.draw());
  }

  draw() {
    const { width, height } = fit(this.base);
    fit(this.overlay);
    const context = this.base.getContext("2d");
    if (!context || width === 0) return;
    this.measure(width, height);
    context.clearRect(0, 0, width, height);
    this.drawGrid(context);
    this.drawVolume(context);
    this.drawLines(context);
    this.drawLabels(context);
    this.drawCross();
  }

  /**
   * @param {number} width
   * @param {number} height
   */
  measure(width, height) {
    const volumeHeight = Math.round(height * VOLUME_SHARE);
    this.width = width;
    this.height = height;
    this.priceHeight = height - volumeHeight - GAP_PX;
    this.volumeTop = this.priceHeight + GAP_PX;
    this.half = halfRange(this.points, this.previousClose, !this.terms.is_index);
    this.mostVolume = volumeMax(this.points);
  }

  /** @param {number} milli */
  priceY(milli) {
    const middle = this.priceHeight / 2;
    return middle - ((milli - this.previousClose) / this.half) * (middle - PAD_PX);
  }

  /** @param {CanvasRenderingContext2D} context */
  drawGrid(context) {
    context.strokeStyle = this.colours.line;
    context.lineWidth = 1;
    context.setLineDash([]);
    for (const y of [
      0.5,
      this.priceHeight / 4,
      (this.priceHeight * 3) / 4,
      this.priceHeight - 0.5,
      this.volumeTop + 0.5,
      this.height - 0.5,
    ]) {
      stroke(context, [0, y], [this.width, y]);
    }
    for (const slot of [60, NOON_SLOT, 180]) {
      const x = slotX(slot, this.width);
      stroke(context, [x, 0], [x, this.priceHeight]);
      stroke(context, [x, this.volumeTop], [x, this.height]);
    }
    context.setLineDash([4, 4]);
    context.strokeStyle = this.colours.soft;
    stroke(context, [0, this.priceHeight / 2], [this.width, this.priceHeight / 2]);
    context.setLineDash([]);
  }

  /** @param {CanvasRenderingContext2D} context */
  drawVolume(context) {
    const bar = Math.max(1, this.width / LAST_SLOT - 0.4);
    const room = this.height - this.volumeTop - 1;
    for (let index = 0; index < this.points.length; index += 1) {
      const point = /** @type {Point} */ (this.points[index]);
      const size = (point[3] / this.mostVolume) * room;
      context.fillStyle = this.colours[tickWay(this.points, index, this.previousClose)];
      context.fillRect(slotX(point[0], this.width) - bar / 2, this.height - size, bar, size);
    }
  }

  /** @param {CanvasRenderingContext2D} context */
  drawLines(context) {
    if (this.points.length === 0) return;
    const first = /** @type {Point} */ (this.points[0]);
    const last = /** @type {Point} */ (this.points[this.points.length - 1]);
    this.trace(context, 1);
    context.strokeStyle = this.colours.price;
    context.lineWidth = 1.4;
    context.stroke();
    context.lineTo(slotX(last[0], this.width), this.priceHeight);
    context.lineTo(slotX(first[0], this.width), this.priceHeight);
    context.globalAlpha = 0.1;
    context.fillStyle = this.colours.price;
    context.fill();
    context.globalAlpha = 1;
    if (this.terms.is_index) return;
    this.trace(context, 2);
    context.strokeStyle = this.colours.average;
    context.lineWidth = 1.2;
    context.stroke();
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {1 | 2} column 1 price, 2 average
   */
  trace(context, column) {
    context.beginPath();
    for (const point of this.points) context.lineTo(slotX(point[0], this.width), this.priceY(point[column]));
  }

  /** @param {CanvasRenderingContext2D} context */
  drawLabels(context) {
    const { decimals } = this.terms;
    context.font = this.colours.font;
    const top = this.previousClose + this.half;
    const bottom = this.previousClose - this.half;
    const middle = this.priceHeight / 2;
    const rows = [
      { milli: top, y: 3, baseline: "top", colour: this.colours.up },
      { milli: this.previousClose, y: middle - 3, baseline: "bottom", colour: this.colours.soft },
      { milli: bottom, y: this.priceHeight - 3, baseline: "bottom", colour: this.colours.down },
    ];
    for (const row of rows) {
      context.fillStyle = row.colour;
      this.label(context, price(row.milli, decimals), "left", row);
      this.label(context, ratio(quotient(row.milli - this.previousClose, this.previousClose)), "right", row);
    }
    if (this.points.length === 0) return;
    context.fillStyle = this.colours.soft;
    this.label(context, lots(this.mostVolume, this.terms.lot_shares), "left", {
      y: this.volumeTop + 3,
      baseline: "top",
    });
  }

  /**
   * A text at the edge of the plot, on a ground of its own so that the line does not cross it out.
   * @param {CanvasRenderingContext2D} context
   * @param {string} text
   * @param {"left" | "right"} side
   * @param {{y: number, baseline: string}} place
   */
  label(context, text, side, { y, baseline }) {
    const width = context.measureText(text).width;
    const left = side === "left" ? LABEL_PX : this.width - LABEL_PX - width;
    const ink = context.fillStyle;
    context.globalAlpha = 0.8;
    context.fillStyle = this.colours.surface;
    const line = this.colours.letters + 1;
    context.fillRect(left - 1, baseline === "top" ? y - 1 : y - line, width + 2, line + 1);
    context.globalAlpha = 1;
    context.fillStyle = ink;
    context.textAlign = "left";
    context.textBaseline = /** @type {CanvasTextBaseline} */ (baseline);
    context.fillText(text, left, y);
  }

  /** The crosshair has a canvas of its own, so that dragging redraws nothing else. */
  drawCross() {
    const context = this.overlay.getContext("2d");
    if (!context) return;
    context.clearRect(0, 0, this.width, this.height);
    const point = this.points[this.chosen];
    if (point) {
      const x = slotX(point[0], this.width);
      const y = this.priceY(point[1]);
      context.strokeStyle = this.colours.text;
      context.lineWidth = 1;
      stroke(context, [x, 0], [x, this.height]);
      stroke(context, [0, y], [this.width, y]);
      context.fillStyle = this.colours.text;
      context.beginPath();
      context.arc(x, y, 3, 0, 2 * Math.PI);
      context.fill();
    }
    this.tell(point ?? this.points[this.points.length - 1]);
  }

  /** @param {Point | undefined} point */
  tell(point) {
    const { decimals, lot_shares: lot, is_index: isIndex } = this.terms;
    const base = this.previousClose;
    const way = point ? direction(point[1], base) : "flat";
    const texts = {
      time: point ? slotTime(point[0]) : "--:--",
      price: price(point?.[1], decimals),
      average: price(isIndex ? undefined : point?.[2], decimals),
      change: changeRatio(point?.[1], base),
      volume: lots(point?.[3], lot),
    };
    for (const [name, text] of Object.entries(texts)) {
      const cell = this.element.querySelector(`[data-read="${name}"]`);
      write(cell, text);
      if (name === "price" || name === "change") paint(cell, way);
    }
  }

  /** @param {number} index */
  choose(index) {
    if (index === this.chosen) return;
    this.chosen = index;
    this.element.classList.toggle("is-read", index >= 0);
    requestAnimationFrame(() => this.drawCross());
  }

  /** @param {{clientX: number}} place */
  chooseAt(place) {
    const box = this.overlay.getBoundingClientRect();
    this.choose(pointNear(place.clientX - box.left, box.width, this.points));
  }

  listen() {
    const target = this.overlay;
    let timer = 0;
    let isHeld = false;
    let from = { x: 0, y: 0 };
    const release = () => {
      clearTimeout(timer);
      isHeld = false;
      this.choose(-1);
    };
    target.addEventListener("touchstart", (event) => {
      const touch = event.touches[0];
      if (!touch) return;
      from = { x: touch.clientX, y: touch.clientY };
      timer = window.setTimeout(() => {
        isHeld = true;
        this.chooseAt(touch);
      }, HOLD_MS);
    });
    target.addEventListener(
      "touchmove",
      (event) => {
        const touch = event.touches[0];
        if (!touch) return;
        if (isHeld) {
          event.preventDefault();
          this.chooseAt(touch);
        } else if (Math.hypot(touch.clientX - from.x, touch.clientY - from.y) > MOVE_PX_MAX) clearTimeout(timer);
      },
      { passive: false },
    );
    for (const name of ["touchend", "touchcancel"]) target.addEventListener(name, release);
    target.addEventListener("contextmenu", (event) => event.preventDefault());
    target.addEventListener("mousemove", (event) => this.chooseAt(event));
    target.addEventListener("mouseleave", release);
    this.element.addEventListener("keydown", (event) => this.step(event));
    this.element.addEventListener("blur", () => this.choose(-1));
  }

  /** @param {KeyboardEvent} event */
  step(event) {
    const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (way === undefined || this.points.length === 0) return;
    event.preventDefault();
    const last = this.points.length - 1;
    const from = this.chosen < 0 ? last + (way < 0 ? 1 : 0) : this.chosen;
    this.choose(Math.min(Math.max(from + way, 0), last));
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {[number, number]} from
 * @param {[number, number]} to
 */
function stroke(context, from, to) {
  context.beginPath();
  context.moveTo(...from);
  context.lineTo(...to);
  context.stroke();
}

/**
 * Give a canvas the pixels of its size on the screen; returns its size in CSS pixels.
 * @param {HTMLCanvasElement} canvas
 */
function fit(canvas) {
  const { clientWidth: width, clientHeight: height } = canvas;
  const scale = window.devicePixelRatio || 1;
  const pixels = { width: Math.round(width * scale), height: Math.round(height * scale) };
  if (canvas.width !== pixels.width || canvas.height !== pixels.height) Object.assign(canvas, pixels);
  canvas.getContext("2d")?.setTransform(scale, 0, 0, scale, 0, 0);
  return { width, height };
}

/**
 * The size of a chart's letters: the page's smallest, larger where the reader's text is.
 * @param {number} rems
 */
function lettersPx(rems) {
  const root = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  const ratio = document.body.classList.contains("has-large-text") ? LARGE_TEXT_RATIO : 1;
  return Math.round(rems * root * ratio);
}

/**
 * The colours of the page's tokens, and its small type.
 * @param {Element} element
 */
export function readColours(element) {
  const style = getComputedStyle(element);
  /** @param {string} name */
  const token = (name) => style.getPropertyValue(`--ui-${name}`).trim();
  const letters = lettersPx(Number.parseFloat(token("text-tiny")));
  return {
    text: token("text"),
    soft: token("text-soft"),
    line: token("line"),
    price: token("link"),
    average: token("average"),
    up: token("up"),
    down: token("down"),
    flat: token("flat"),
    surface: token("surface"),
    letters,
    font: `${letters}px ${style.fontFamily}`,
  };
}
