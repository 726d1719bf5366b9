// One door for writes and reads from script: CSRF token, JSON, time-out, and errors in one shape.

const WAIT_MS_MAX = 10_000;

/** An answer that was not a success; `code` is "network" when there was no answer at all: the outcome is unknown. */
export class SendError extends Error {
  /**
   * @param {string} code
   * @param {string} message
   * @param {number} status
   * @param {Record<string, unknown>} details
   */
  constructor(code, message, status = 0, details = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.details = details;
  }
}

/** The CSRF token that the server put into the page. */
export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.getAttribute("content") ?? "";
}

/**
 * @param {string} url
 * @param {RequestInit} options
 */
async function ask(url, options) {
  const stopper = new AbortController();
  const timer = setTimeout(() => stopper.abort(), WAIT_MS_MAX);
  try {
    return await fetch(url, { credentials: "same-origin", signal: stopper.signal, ...options });
  } catch {
    throw new SendError("network", "网络没有回应，结果未知，请勿重复提交");
  } finally {
    clearTimeout(timer);
  }
}

/** @param {Response} response */
async function readAnswer(response) {
  const body = await response.json().catch(() => ({}));
  if (response.ok) return body;
  const error = body.error ?? {};
  throw new SendError(
    error.code ?? "unknown",
    error.message ?? "没有取到数据，请稍后重试",
    response.status,
    error.details ?? {},
  );
}

/**
 * GET JSON.
 * @param {string} url
 */
export async function read(url) {
  return readAnswer(await ask(url, { headers: { Accept: "application/json" } }));
}

/**
 * POST JSON and read JSON.
 * @param {string} url
 * @param {Record<string, unknown>} body
 */
export async function send(url, body = {}) {
  const headers = { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": csrfToken() };
  return readAnswer(await ask(url, { method: "POST", headers, body: JSON.stringify(body) }));
}
