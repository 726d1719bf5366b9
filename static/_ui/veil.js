// Private pages (body[data-private]): veiled after five minutes hidden; opening them asks the server again.

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
      timer = window.setTimeout(() => veil(page), HIDDEN_MS_MAX);
    } else if (hiddenAt > 0 && Date.now() - hiddenAt >= HIDDEN_MS_MAX) veil(page);
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
}

/** @param {Document} page */
function veil(page) {
  if (page.body.classList.contains("is-veiled")) return;
  page.body.classList.add("is-veiled");
  page.querySelector("main")?.setAttribute("inert", "");
  const cover = page.createElement("div");
  cover.className = "ui-veil";
  cover.dataset.testid = "veil";
  const panel = page.createElement("section");
  panel.className = "ui-veil__panel";
  panel.setAttribute("role", "dialog");
  panel.setAttribute("aria-modal", "true");
  panel.setAttribute("aria-label", "内容已隐藏");
  const sentence = page.createElement("p");
  sentence.textContent = "离开超过 5 分钟，内容已隐藏";
  const button = page.createElement("button");
  button.type = "button";
  button.className = "ui-button";
  button.textContent = "点按继续";
  button.addEventListener("click", () => location.reload());
  panel.append(sentence, button);
  cover.append(panel);
  page.body.append(cover);
  button.focus();
}
