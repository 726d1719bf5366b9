// data-behaviour="security-search": what fits the words appears while they are typed; without script the form does it.

const PAUSE_MS = 250;

/** @param {HTMLElement} element */
export function connect(element) {
  const form = /** @type {HTMLFormElement} */ (element);
  let timer = 0;
  let asked = 0;
  const ask = async () => {
    asked += 1;
    const mine = asked;
    const query = new URLSearchParams(/** @type {Record<string, string>} */ (Object.fromEntries(new FormData(form))));
    const response = await fetch(`${form.action}?${query}`, {
      credentials: "same-origin",
      headers: { Accept: "text/html" },
    });
    if (!response.ok || mine !== asked) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.getElementById("found");
    if (fresh) document.getElementById("found")?.replaceWith(fresh);
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => ask().catch(() => undefined), PAUSE_MS);
  });
}
