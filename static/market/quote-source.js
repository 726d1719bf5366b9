// Where moving quotes come from: server-sent events, and plain polling of the same rows when those do not get through.
// Nothing runs while the page is hidden; coming back starts with a fresh snapshot.
import { onLeave, onReturn } from "../_ui/lifecycle.js";
import { read } from "../_ui/send.js";

/** @typedef {import("./facts.js").Row} Row */
/**
 * @typedef {{at: string, sequence: number, phase: string, phase_label: string, is_stale: boolean, age_seconds: number | null,
 *   label: string, as_of?: string | null}} State
 */
/** @typedef {{onRow: (row: Row) => void, onState: (state: State) => void}} Listener */

export const STREAM_SYMBOLS_MAX = 50;
export const QUOTES_MAX = 300;
/** The server says something at least every ten seconds. */
const SILENCE_MS_MAX = 25_000;
const POLL_MS = 5_000;
const POLL_CLOSED_MS = 30_000;
const POLL_SLOWEST_MS = 60_000;
const STREAM_AGAIN_MS = 60_000;
const CLOSED = new Set(["closed", "closed_holiday", "none", "halted"]);

/**
 * Follow these symbols for as long as the page lives.
 * @param {string[]} symbols
 * @param {Listener} listener
 * @param {{detail?: string, since?: number}} drawn which rows the page needs, and the board's sequence it was drawn at
 */
export function followQuotes(symbols, listener, drawn = {}) {
  const source = new QuoteSource(symbols, listener, drawn);
  source.start();
  onReturn(() => source.start());
  onLeave(() => source.stop());
  return source;
}

class QuoteSource {
  /**
   * @param {string[]} symbols
   * @param {Listener} listener
   * @param {{detail?: string, since?: number}} drawn
   */
  constructor(symbols, listener, { detail = "", since = 0 }) {
    this.symbols = symbols.slice(0, QUOTES_MAX);
    this.listener = listener;
    this.query = detail ? `&detail=${detail}` : "";
    this.since = since;
    /** @type {EventSource | undefined} */
    this.stream = undefined;
    this.watchdog = 0;
    this.pollTimer = 0;
    this.retryTimer = 0;
    this.failures = 0;
    this.isClosed = false;
  }

  /**
   * Follow other symbols from now on.
   * @param {string[]} symbols
   */
  change(symbols) {
    const wanted = symbols.slice(0, QUOTES_MAX);
    if (wanted.join() === this.symbols.join()) return;
    this.symbols = wanted;
    this.since = 0;
    if (!document.hidden) this.start();
  }

  start() {
    this.stop();
    if (this.symbols.length === 0) return;
    this.openStream();
    const rest = this.symbols.slice(STREAM_SYMBOLS_MAX);
    if (rest.length > 0 && this.stream) this.poll(rest);
  }

  stop() {
    this.stream?.close();
    this.stream = undefined;
    for (const timer of [this.watchdog, this.pollTimer, this.retryTimer]) clearTimeout(timer);
  }

  openStream() {
    if (!("EventSource" in window)) {
      this.usePolling();
      return;
    }
    const first = this.symbols.slice(0, STREAM_SYMBOLS_MAX);
    this.stream = new EventSource(`/stream?symbols=${first.join(",")}${this.query}&since=${this.since}`);
    this.stream.onmessage = (event) => {
      this.heard();
      this.listener.onRow(JSON.parse(event.data));
    };
    this.stream.addEventListener("state", (event) => {
      this.heard();
      this.tellState(JSON.parse(event.data));
    });
    this.stream.onerror = () => {
      if (this.stream?.readyState === EventSource.CLOSED) this.usePolling();
    };
    this.heard();
  }

  /** Something arrived: the stream lives. */
  heard() {
    clearTimeout(this.watchdog);
    this.watchdog = window.setTimeout(() => this.usePolling(), SILENCE_MS_MAX);
  }

  /** The stream does not get through: ask again and again, and try the stream later. */
  usePolling() {
    this.stop();
    this.poll(this.symbols);
    this.retryTimer = window.setTimeout(() => this.start(), STREAM_AGAIN_MS);
  }

  /** @param {string[]} symbols */
  async poll(symbols) {
    try {
      const answer = await read(`/market/quotes?symbols=${symbols.join(",")}${this.query}`);
      this.failures = 0;
      for (const row of answer.quotes) this.listener.onRow(row);
      this.tellState(answer);
    } catch {
      this.failures += 1;
    }
    if (document.hidden) return;
    const pace = this.isClosed ? POLL_CLOSED_MS : POLL_MS;
    const wait = Math.min(pace * 2 ** this.failures, POLL_SLOWEST_MS);
    clearTimeout(this.pollTimer);
    this.pollTimer = window.setTimeout(() => this.poll(symbols), wait);
  }

  /** @param {State} state */
  tellState(state) {
    this.isClosed = CLOSED.has(state.phase);
    this.since = 0;
    this.listener.onState(state);
  }
}
