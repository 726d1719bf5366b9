// Private pages (body[data-private]): five minutes hidden veil them and lock the trade session on the server.

import { SendError, send } from "./send.js";

const HIDDEN_MS_MAX = 5 * 60_000;

/** @param {Document} page */
export function watchPrivacy(page) {
  if (!page.body.hasAttribute("data-private")) return;
  let hiddenAt = 0;
  let timer = 0;
  page.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (page.hidden) {
      // The wall's time: a phone that sleeps stops timers, and the monotonic clock as well.
      hiddenAt = Date.now();
      timer = window.setTimeout(() => close(page), HIDDEN_MS_MAX);
    } else if (hiddenAt > 0 && Date.now() - hiddenAt >= HIDDEN_MS_MAX) close(page);
  });
  window.addEventListener("pagehide", () => {
    // Left for another page of ours: that one watches now, and this one is asked for again.
    clearTimeout(timer);
    hiddenAt = 0;
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
}

/** @param {Document} page */
function close(page) {
  if (page.body.classList.contains("is-veiled")) return;
  page.body.classList.add("is-veiled");
  page.querySelector("main")?.setAttribute("inert", "");
  void isLocked();
  const sentence = page.createElement("p");
  sentence.setAttribute("role", "status");
  sentence.textContent = "离开超过 5 分钟，内容已隐藏";
  const button = page.createElement("button");
  button.type = "button";
  button.className = "ui-button";
  button.textContent = "点按继续";
  button.addEventListener("click", () => openAgain(button, sentence));
  page.body.append(cover(page, sentence, button));
  button.focus();
}

/**
 * @param {Document} page
 * @param {HTMLElement[]} content
 */
function cover(page, ...content) {
  const veil = page.createElement("div");
  veil.className = "ui-veil";
  veil.dataset.testid = "veil";
  const panel = page.createElement("section");
  panel.className = "ui-veil__panel";
  panel.setAttribute("role", "dialog");
  panel.setAttribute("aria-modal", "true");
  panel.setAttribute("aria-label", "内容已隐藏");
  panel.append(...content);
  veil.append(panel);
  return veil;
}

/**
 * Only a page that is known to be locked is asked for again: otherwise it would come back open.
 * @param {HTMLButtonElement} button
 * @param {HTMLElement} sentence
 */
async function openAgain(button, sentence) {
  button.disabled = true;
  if (await isLocked()) return location.reload();
  button.disabled = false;
  sentence.textContent = "网络没有回应，内容仍然隐藏，请联网后再点继续";
}

/** Lock, and say whether the server did; refused means that the session itself is over. */
async function isLocked() {
  try {
    await send("/me/lock");
    return true;
  } catch (error) {
    return error instanceof SendError && [400, 401, 403].includes(error.status);
  }
}
