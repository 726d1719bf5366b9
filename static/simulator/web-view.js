// The web view over the chat: a frame on this phone's own host, with WeChat's title bar.

const view = /** @type {HTMLElement} */ (document.querySelector(".web-view"));
const frame = /** @type {HTMLIFrameElement} */ (view.querySelector("iframe"));
const title = /** @type {HTMLElement} */ (view.querySelector(".title-bar__title"));
let fontScale = 1;

/** The page inside, when its address lets us look at it. */
function page() {
  try {
    return frame.contentWindow?.document ?? null;
  } catch {
    return null;
  }
}

/**
 * Open an address of this phone's host over the chat.
 * @param {string} address
 */
export function open(address) {
  title.textContent = title.dataset.loading ?? "";
  view.hidden = false;
  frame.src = address;
}

/** Close the web view and go back to the chat; its page ends. */
export function close() {
  view.hidden = true;
  frame.src = "about:blank";
}

/** What WeChat gives a page: its font size, and a bridge that says so. */
function equip() {
  const inside = page();
  if (!inside || inside.URL === "about:blank") return;
  title.textContent = inside.title || inside.location.host;
  const shown = document.querySelector("[data-web-address]");
  if (shown) shown.textContent = inside.location.href;
  inside.documentElement.style.fontSize = fontScale === 1 ? "" : `${fontScale * 100}%`;
  new MutationObserver(() => {
    title.textContent = inside.title || inside.location.host;
  }).observe(inside.head ?? inside, { subtree: true, childList: true, characterData: true });
}

/** The page's address as a friend opens it from a chat. */
function shared() {
  const address = new URL(page()?.location.href ?? location.href);
  address.searchParams.set("from", "singlemessage");
  address.searchParams.set("isappinstalled", "0");
  return address.href;
}

/** @type {Record<string, (button: HTMLElement) => void>} */
const acts = {
  close,
  back: () => frame.contentWindow?.history.back(),
  refresh: () => frame.contentWindow?.location.reload(),
  share: () => open(shared()),
  zoom: (button) => {
    fontScale = Number(button.dataset.scale);
    frame.contentWindow?.location.reload();
  },
};

frame.addEventListener("load", equip);

document.addEventListener("click", (event) => {
  const button = /** @type {HTMLElement} */ (event.target).closest("[data-web]");
  if (!(button instanceof HTMLElement)) return;
  button.closest("dialog")?.close();
  acts[button.dataset.web ?? ""]?.(button);
});

window.addEventListener("message", (event) => {
  if (event.origin === location.origin && event.data?.simulator === "close") close();
});
