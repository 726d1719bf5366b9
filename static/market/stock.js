// data-behaviour="stock": the head, the fields and the ladder of one instrument's page move with its quotes.
import { change, changeRatio, direction, lots, price } from "../_ui/format.js";
import { facts } from "./facts.js";
import { flash, paint, RUNNING, sentence, write } from "./live.js";

/** @typedef {import("./facts.js").Row} Row */
/** @typedef {import("./quote-source.js").State} State */

const LEVELS = 5;
const CALLS = new Set(["open_call", "open_call_nocancel", "close_call"]);

/** @param {HTMLElement} page */
export function connect(page) {
  const view = new StockView(page);
  document.addEventListener("market-row", (event) => view.take(/** @type {CustomEvent} */ (event).detail));
  document.addEventListener("market-state", (event) => view.tell(/** @type {CustomEvent} */ (event).detail));
}

class StockView {
  /** @param {HTMLElement} page */
  constructor(page) {
    this.page = page;
    this.symbol = page.dataset.first ?? "";
    this.terms = JSON.parse(page.dataset.terms ?? "{}");
    this.phases = JSON.parse(page.dataset.phases ?? "{}");
    /** @type {Row | undefined} */
    this.row = undefined;
    /** @type {State | undefined} */
    this.state = undefined;
  }

  /** @param {string} selector */
  find(selector) {
    return /** @type {HTMLElement | null} */ (this.page.querySelector(selector));
  }

  /** @param {Row} row */
  take(row) {
    if (row.symbol !== this.symbol) return;
    this.row = row;
    this.showHead(row);
    for (const [key, fact] of Object.entries(facts(this.terms, row))) {
      const cell = this.find(`[data-fact="${key}"]`);
      write(cell, fact.text);
      if (fact.way) paint(cell, fact.way);
    }
    for (let place = 1; place <= LEVELS; place += 1) {
      this.showRung(`ask-${place}`, row.asks?.[place - 1], row);
      this.showRung(`bid-${place}`, row.bids?.[place - 1], row);
    }
    this.showShares(row);
    const label = this.find("[data-part='depth-label']");
    write(label, row.depth_label ?? "");
    if (label) label.hidden = !row.depth_label;
  }

  /** @param {Row} row */
  showHead(row) {
    const { decimals } = this.terms;
    const base = row.previous_close_milli;
    const last = row.is_suspended ? base : row.last_milli;
    const way = direction(last, base);
    const texts = {
      last: price(last, decimals),
      change: row.is_suspended ? "" : change(last, base, decimals),
      change_ratio: row.is_suspended ? (this.phases.halted ?? "") : changeRatio(last, base),
    };
    let isNew = false;
    for (const [field, text] of Object.entries(texts)) {
      const cell = this.find(`.market-head [data-field="${field}"]`);
      isNew = write(cell, text) || isNew;
      paint(cell, way);
    }
    this.showLimit(row);
    this.showPhase(row);
    const spoken = this.find("[data-part='spoken']");
    if (!isNew || !spoken) return;
    const name = this.find(".market-head__name")?.textContent ?? "";
    const said = row.is_suspended ? this.phases.halted : sentence(row, decimals, spoken.dataset.unit);
    spoken.setAttribute("aria-label", `${name} ${said}`);
    flash(/** @type {HTMLElement} */ (spoken.querySelector("[data-field='last']")));
  }

  /** @param {Row} row */
  showLimit(row) {
    const tag = this.find("[data-field='limit']");
    if (!tag) return;
    const isUp = row.last_milli !== undefined && row.last_milli === row.limit_up_milli;
    const isDown = row.last_milli !== undefined && row.last_milli === row.limit_down_milli;
    tag.hidden = !isUp && !isDown;
    write(tag, (isUp ? tag.dataset.up : isDown ? tag.dataset.down : "") ?? "");
    paint(tag, isUp ? "up" : "down");
  }

  /** @param {Row} row */
  showPhase(row) {
    const phase = row.is_suspended ? "halted" : row.phase;
    write(this.find("[data-part='phase']"), this.phases[phase] ?? "");
    const auction = this.find("[data-part='auction']");
    const bid = row.bids?.[0]?.[0];
    const isMatching = CALLS.has(row.phase) && bid !== undefined && bid === row.asks?.[0]?.[0];
    if (auction) auction.hidden = !isMatching;
    write(this.find("[data-part='auction-price']"), price(isMatching ? bid : undefined, this.terms.decimals));
    this.showClock();
  }

  /** The market's clock while it runs and is fresh, else the time of the figures; state and row come in any order. */
  showClock() {
    if (!this.row) return;
    const isRunning = RUNNING.has(this.row.phase);
    if (isRunning && this.state?.is_stale) return;
    const at = isRunning && this.state ? this.state.at : this.row.at;
    write(this.find("[data-part='time']"), at.slice(5, 19).replace("T", " "));
  }

  /** @param {State} state */
  tell(state) {
    this.state = state;
    this.showClock();
  }

  /**
   * @param {string} key
   * @param {import("./facts.js").Level | undefined} level
   * @param {Row} row
   */
  showRung(key, level, row) {
    const link = this.find(`[data-level="${key}"] a`);
    if (!link) return;
    const cell = link.querySelector("[data-part='price']");
    const text = price(level?.[0], this.terms.decimals);
    write(cell, text);
    paint(cell, direction(level?.[0], row.previous_close_milli));
    write(link.querySelector("[data-part='size']"), lots(level?.[1], this.terms.lot_shares));
    if (level) link.setAttribute("href", `${link.dataset.address}&price=${text}`);
    else link.removeAttribute("href");
  }

  /**
   * Behind each rung a bar: its share of the largest of the ten.
   * @param {Row} row
   */
  showShares(row) {
    const sides = { ask: row.asks ?? [], bid: row.bids ?? [] };
    const most = Math.max(1, ...sides.ask.map((level) => level[1]), ...sides.bid.map((level) => level[1]));
    for (const [side, levels] of Object.entries(sides)) {
      for (let place = 1; place <= LEVELS; place += 1) {
        const rung = this.find(`[data-level="${side}-${place}"]`);
        rung?.style.setProperty("--market-share", `${((levels[place - 1]?.[1] ?? 0) / most) * 100}%`);
      }
    }
  }
}
