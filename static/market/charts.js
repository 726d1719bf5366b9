// data-behaviour="charts": the tabs 分时 and K线 change what is shown without leaving the page; the address follows. And
// the whole screen for a chart, for phones that are turned.

/** @param {HTMLElement} section */
export function connect(section) {
  const line = /** @type {HTMLElement | null} */ (section.querySelector("[data-part='line']"));
  const bars = /** @type {HTMLElement | null} */ (section.querySelector("[data-part='bars']"));
  if (!line || !bars) return;
  /** @param {string} chart */
  const show = (chart) => {
    line.hidden = chart !== "line";
    bars.hidden = chart !== "bars";
    for (const link of section.querySelectorAll("[data-tab]")) {
      if (link.getAttribute("data-tab") === chart) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    if (chart === "bars") bars.dispatchEvent(new CustomEvent("bars-open"));
  };
  for (const link of section.querySelectorAll("[data-tab]")) {
    if (link.getAttribute("data-tab") === "bars") {
      link.addEventListener("touchstart", () => bars.dispatchEvent(new CustomEvent("bars-near")), { passive: true });
    }
    link.addEventListener("click", (event) => {
      event.preventDefault();
      show(link.getAttribute("data-tab") ?? "line");
      history.replaceState(null, "", link.getAttribute("href"));
    });
  }
  connectWhole(section);
}

/**
 * The whole screen: where a browser can give it, it is asked for and turned; elsewhere the chart covers the page.
 * @param {HTMLElement} section
 */
function connectWhole(section) {
  const button = /** @type {HTMLElement | null} */ (section.querySelector("[data-part='whole']"));
  if (!button) return;
  const isWhole = () => section.classList.contains("is-whole");
  /** @param {boolean} wanted */
  const turn = (wanted) => {
    if (wanted === isWhole()) return;
    section.classList.toggle("is-whole", wanted);
    document.body.classList.toggle("has-whole-chart", wanted);
    button.setAttribute("aria-pressed", String(wanted));
    button.textContent = (wanted ? button.dataset.leave : button.dataset.enter) ?? "";
  };
  button.hidden = false;
  button.addEventListener("click", async () => {
    const wanted = !isWhole();
    turn(wanted);
    try {
      if (wanted) {
        await section.requestFullscreen({ navigationUI: "hide" });
        await /** @type {any} */ (screen.orientation).lock("landscape");
      } else if (document.fullscreenElement) await document.exitFullscreen();
    } catch {
      // Most web views give neither: the chart covers the page, and the phone is turned by hand.
    }
  });
  document.addEventListener("fullscreenchange", () => {
    if (!document.fullscreenElement) turn(false);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") turn(false);
  });
}
