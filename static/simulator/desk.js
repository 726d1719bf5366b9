// The tester's page: turns what the tester turns, and looks at what happened.
import { post, say } from "./asking.js";

const LOOK_MS = 2000;
const MARKET_MS = 3000;
const state = /** @type {HTMLElement} */ (document.querySelector("[data-desk]"));
const market = /** @type {HTMLElement} */ (document.querySelector("[data-market]"));
const offset = /** @type {HTMLElement} */ (document.querySelector("[data-offset]"));
const toast = /** @type {HTMLElement} */ (document.querySelector(".toast"));

/** Show what happened since, unless the tester is reading a row. */
async function look() {
  if (document.hidden || state.querySelector("details[open]") || state.contains(document.activeElement)) return;
  const reply = await fetch("/simulator/desk");
  if (reply.ok) state.innerHTML = await reply.text();
}

/**
 * Do a turn, say that it was done, and show what changed.
 * @param {string} name
 * @param {Record<string, unknown>} values
 * @returns {Promise<Record<string, any> | null>}
 */
async function turn(name, values) {
  const answer = await post(`/simulator/turns/${name}`, values);
  if (!answer) return null;
  say(toast.dataset.done ?? "");
  if (answer.offset_seconds !== undefined) offset.textContent = `+${answer.offset_seconds} s`;
  await look();
  return answer;
}

/** @param {Record<string, any> | null} answer */
function showMarket(answer) {
  if (!answer) return;
  const moving = answer.moving ? ` ${market.dataset.moving}` : "";
  const at = String(answer.market_at ?? "")
    .slice(0, 19)
    .replace("T", " ");
  market.textContent = answer.error ?? `${at} ${market.dataset.speed} ${answer.speed}${moving}`;
}

async function readMarket() {
  if (document.hidden) return;
  const reply = await fetch("/simulator/market-clock");
  if (reply.ok) showMarket(await reply.json());
}

/** @param {Record<string, unknown>} wish */
async function moveMarket(wish) {
  market.textContent = market.dataset.moving ?? "";
  showMarket(await post("/simulator/turns/market", wish));
}

/**
 * Run again and again, each run a while after the one before has ended.
 * @param {() => Promise<void>} run
 * @param {number} wait
 */
function repeat(run, wait) {
  run()
    .catch(() => {
      // The simulator is away for a moment; the next run finds it again.
    })
    .finally(() => setTimeout(() => repeat(run, wait), wait));
}

/**
 * The values of a button, numbers as numbers.
 * @param {DOMStringMap} data
 */
function wishOf(data) {
  if (data.next_phase) return { next_phase: true };
  return data.days ? { days: Number(data.days) } : { speed: Number(data.speed) };
}

document.addEventListener("click", async (event) => {
  const button = /** @type {Element} */ (event.target).closest("[data-turn], [data-market-turn]");
  if (!(button instanceof HTMLElement)) return;
  if ("marketTurn" in button.dataset) {
    moveMarket(wishOf(button.dataset));
    return;
  }
  const done = await turn(button.dataset.turn ?? "", { ...button.dataset });
  if (done && button.dataset.reload) location.reload();
});

document.addEventListener("submit", async (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  const values = Object.fromEntries(new FormData(form, event.submitter));
  if ("marketForm" in form.dataset) {
    event.preventDefault();
    moveMarket({ to: String(values.to) });
  } else if (form.dataset.turnForm) {
    event.preventDefault();
    await turn(form.dataset.turnForm, values);
  }
});

document.addEventListener("change", (event) => {
  const field = /** @type {HTMLSelectElement | HTMLInputElement} */ (event.target);
  if (!field.dataset.user) return;
  turn("user", { user: field.dataset.user, name: field.dataset.name, value: field.value });
});

repeat(look, LOOK_MS);
repeat(readMarket, MARKET_MS);
