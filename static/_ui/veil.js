// Private pages (body[data-private]): veiled after five minutes hidden; opening them asks the server again.

const HIDDEN_MS_MAX = 5 * 60_000;

/** @param {Document} page */
export function watchPrivacy(page) {
  if (!page.body.hasAttribute("data-private")) return;
  let hiddenAt = 0;
  page.addEventListener("visibilitychange", () => {
    if (page.hidden) {
      hiddenAt = performance.now();
      return;
    }
    if (hiddenAt > 0 && performance.now() - hiddenAt >= HIDDEN_MS_MAX) veil(page);
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
}

/** @param {Document} page */
function veil(page) {
  page.body.classList.add("is-veiled");
  const cover = page.createElement("div");
  cover.className = "ui-veil";
  const button = page.createElement("button");
  button.type = "button";
  button.className = "ui-button";
  button.textContent = "点按继续";
  button.addEventListener("click", () => location.reload());
  cover.append(button);
  page.body.append(cover);
  button.focus();
}
