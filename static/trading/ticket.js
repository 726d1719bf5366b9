// data-behaviour="ticket": steps of price and quantity, and what the ticket would come to while it is typed.
import { shares, yuan } from "../_ui/format.js";
import { send } from "../_ui/send.js";
import { steppedPrice, steppedQuantity, unitsOf } from "./steps.js";

const PAUSE_MS = 250;
const FEES = ["commission", "stamp", "transfer"];

/**
 * @typedef {{amount: string | null, fees: Record<string, string> | null, maximum: number | null, fractions: number[],
 *   available: string | null}} Estimate
 */

/** @param {HTMLElement} element */
export function connect(element) {
  const form = /** @type {HTMLFormElement} */ (element);
  for (const button of form.querySelectorAll("[data-by]")) {
    button.addEventListener("click", () => step(form, /** @type {HTMLElement} */ (button)));
  }
  let timer = 0;
  let asked = 0;
  const ask = async () => {
    asked += 1;
    const mine = asked;
    try {
      const answer = await send("/trade/estimate", typed(form));
      if (mine === asked) show(form, answer);
    } catch {
      if (mine === asked) show(form, { amount: null, fees: null, maximum: null, fractions: [], available: null });
    }
  };
  const soon = () => {
    clearTimeout(timer);
    timer = window.setTimeout(ask, PAUSE_MS);
  };
  form.addEventListener("input", soon);
  form.addEventListener("change", () => {
    followKind(form);
    soon();
  });
  void ask();
}

/**
 * @param {HTMLFormElement} form
 * @param {string} name
 */
const field = (form, name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));

/** @param {HTMLFormElement} form */
function typed(form) {
  const names = ["symbol", "side", "kind", "price", "quantity"];
  return Object.fromEntries(names.map((name) => [name, field(form, name).value]));
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLElement} button
 */
function step(form, button) {
  const input = field(form, button.dataset.steps ?? "");
  const by = Number(button.dataset.by);
  const { tick = "", up = "", down = "", decimals, minimum, step, maximum, stride } = form.dataset;
  input.value =
    input.name === "price"
      ? steppedPrice(input.value, by, { tick, up, down, decimals: Number(decimals) })
      : steppedQuantity(input.value, by, {
          minimum: Number(minimum),
          step: Number(step),
          maximum: Number(maximum),
          stride: Number(stride),
        });
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

/**
 * A market kind finds its price itself: what stood there goes, and comes back with the limit order.
 * @param {HTMLFormElement} form
 */
function followKind(form) {
  const price = field(form, "price");
  const isLimit = ["limit", "after_hours_fixed"].includes(field(form, "kind").value);
  if (isLimit && !price.value) price.value = price.dataset.before ?? "";
  if (!isLimit && price.value && price.dataset.kind !== "market") {
    price.dataset.before = price.value;
    price.value = "";
  }
  price.dataset.kind = isLimit ? "limit" : "market";
}

/** @param {string | null | undefined} text decimal text in yuan */
const amount = (text) => (text ? yuan(unitsOf(text, 2)) : "--");

/**
 * @param {HTMLFormElement} form
 * @param {Estimate} found
 */
function show(form, found) {
  put(form, "amount", amount(found.amount));
  put(form, "fees", amount(found.fees?.total));
  for (const name of FEES) put(form, name, amount(found.fees?.[name]));
  // Without an answer the figures of the account stay as they were: they are not worse for that.
  if (found.available === null) return;
  put(form, "available", amount(found.available));
  put(form, "maximum", shares(found.maximum));
  for (const chip of form.querySelectorAll("[data-fraction]")) {
    const button = /** @type {HTMLButtonElement} */ (chip);
    const count = found.fractions[Number(button.dataset.fraction)] ?? 0;
    button.dataset.value = count ? String(count) : "";
    button.disabled = count === 0;
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {string} part
 * @param {string} text
 */
function put(form, part, text) {
  const cell = form.querySelector(`[data-part="${part}"]`);
  if (cell && cell.textContent !== text) cell.textContent = text;
}
