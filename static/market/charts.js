// data-behaviour="charts": the tabs 分时 and K线 change what is shown without leaving the page; the address follows.

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
    link.addEventListener("click", (event) => {
      event.preventDefault();
      show(link.getAttribute("data-tab") ?? "line");
      history.replaceState(null, "", link.getAttribute("href"));
    });
  }
}
