// One phone: looks for what is new in the chat, and does what the user taps.
import { post, say } from "./asking.js";
import { open } from "./web-view.js";

const LOOK_MS = 800;
const phone = /** @type {HTMLElement} */ (document.querySelector("[data-phone]"));
const chat = /** @type {HTMLElement} */ (phone.querySelector(".chat"));
const dock = /** @type {HTMLElement} */ (phone.querySelector(".dock"));
const heading = /** @type {HTMLElement} */ (phone.querySelector(".title-bar__title"));
const base = `/phone/${phone.dataset.phone}`;
let last = Number(phone.dataset.last);

/** Ask what is new, and show it. Two may ask at once: an answer to what is known by now is dropped. */
async function look() {
  const after = last;
  const reply = await fetch(`${base}/state?after=${after}&bar=${dock.dataset.version}`);
  if (!reply.ok) return;
  const state = await reply.json();
  if (after !== last) return;
  if (state.last_id < last) location.reload();
  heading.textContent = (state.is_typing ? heading.dataset.typing : heading.dataset.name) ?? "";
  if (state.last_id > last) {
    last = state.last_id;
    chat.insertAdjacentHTML("beforeend", state.messages);
    chat.scrollTop = chat.scrollHeight;
  }
  if (state.bar) {
    redraw(state.bar);
    dock.dataset.version = state.bar_version;
  }
}

/**
 * Show another menu; what the user was typing, and that he was typing, stay.
 * @param {string} bar
 */
function redraw(bar) {
  const typed = /** @type {HTMLInputElement | null} */ (dock.querySelector("#say-text"));
  const wasTyping = dock.querySelector("[data-dock]")?.classList.contains("is-typing");
  const hadFocus = document.activeElement === typed;
  dock.innerHTML = bar;
  const input = /** @type {HTMLInputElement | null} */ (dock.querySelector("#say-text"));
  if (!typed || !input) return;
  input.value = typed.value;
  if (wasTyping) dock.querySelector("[data-dock]")?.classList.add("is-typing");
  if (hadFocus) input.focus();
}

async function watch() {
  try {
    if (!document.hidden) await look();
  } catch {
    // The simulator is away for a moment; the next look finds it again.
  }
  setTimeout(watch, LOOK_MS);
}

/**
 * Do one thing of the user's, and open what it opens.
 * @param {string} deed
 * @param {Record<string, unknown>} body
 * @returns {Promise<boolean>} whether it was done
 */
async function act(deed, body) {
  const answer = await post(`${base}/deeds/${deed}`, body);
  if (!answer) return false;
  if (answer.open) open(answer.open);
  await look();
  return true;
}

function closeMenus() {
  for (const list of dock.querySelectorAll(".menu__list")) /** @type {HTMLElement} */ (list).hidden = true;
  for (const top of dock.querySelectorAll("[data-menu]")) top.setAttribute("aria-expanded", "false");
}

/** @param {HTMLElement} button */
function openMenu(button) {
  const list = /** @type {HTMLElement} */ (button.parentElement?.querySelector(".menu__list"));
  const wasOpen = !list.hidden;
  closeMenus();
  list.hidden = wasOpen;
  button.setAttribute("aria-expanded", String(!wasOpen));
}

/** @type {[string, (element: HTMLElement) => unknown][]} */
const taps = [
  ["[data-menu]", openMenu],
  [
    "[data-tap]",
    (element) => {
      closeMenus();
      const sub = element.dataset.sub;
      return act("tap", { top: Number(element.dataset.tap), sub: sub === undefined ? null : Number(sub) });
    },
  ],
  ["[data-link]", (element) => act("open", { url: element.dataset.link })],
  [
    "[data-deed]",
    async (element) => {
      element.closest("dialog")?.close();
      const done = await act(element.dataset.deed ?? "", { ...element.dataset });
      if (done && "reload" in element.dataset) location.reload();
    },
  ],
  [
    "[data-open]",
    (element) => {
      element.closest("dialog")?.close();
      /** @type {HTMLDialogElement} */ (document.getElementById(element.dataset.open ?? "")).showModal();
    },
  ],
  ["[data-close]", (element) => element.closest("dialog")?.close()],
  ["[data-toggle-dock]", (element) => element.closest("[data-dock]")?.classList.toggle("is-typing")],
];

document.addEventListener("click", (event) => {
  const target = /** @type {Element} */ (event.target);
  if (!target.closest(".menu")) closeMenus();
  for (const [selector, run] of taps) {
    const element = target.closest(selector);
    if (!(element instanceof HTMLElement)) continue;
    event.preventDefault();
    run(element);
    return;
  }
});

document.addEventListener("submit", async (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (!form.dataset.form) return;
  event.preventDefault();
  const done = await act(form.dataset.form, Object.fromEntries(new FormData(form)));
  if (!done) return;
  form.reset();
  form.closest("dialog")?.close();
});

document.addEventListener("change", (event) => {
  const input = /** @type {HTMLInputElement} */ (event.target);
  const file = input.matches("[data-picture]") && input.files?.[0];
  if (!file) return;
  const reader = new FileReader();
  reader.addEventListener("load", () => act("picture", { content: String(reader.result) }));
  reader.addEventListener("error", () => say(file.name));
  reader.readAsDataURL(file);
  input.closest("dialog")?.close();
});

chat.scrollTop = chat.scrollHeight;
watch();
