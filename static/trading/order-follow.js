// data-behaviour="order-follow": an order's page asks for its state and is drawn anew when it has moved, until it is final.
import { poll } from "../_ui/poll.js";
import { read } from "../_ui/send.js";
import { renewPart } from "./part.js";

const EVERY_MS = 700;

/** @param {HTMLElement} element */
export function connect(element) {
  if (!element.hasAttribute("data-moving")) return;
  const stop = poll(async () => {
    if (document.body.classList.contains("is-veiled")) return;
    const { order } = await ask(element.dataset.order ?? "");
    if (!order || `${order.word}:${order.state ?? ""}:${order.filled}` === element.dataset.mark) return;
    const now = await renewPart(element.id);
    if (now !== element) stop();
  }, EVERY_MS);
}

/**
 * What the server says of the order; a page that is no longer open loads as a whole.
 * @param {string} address
 */
async function ask(address) {
  try {
    return await read(address);
  } catch (wrong) {
    const status = /** @type {{status?: number}} */ (wrong).status;
    if (status === 401 || status === 403) location.reload();
    throw wrong;
  }
}
