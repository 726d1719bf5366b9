// data-behaviour="bars": candles. The chart library is fetched when the candles are opened, not before.

/** @param {HTMLElement} element */
export function connect(element) {
  let isOpen = false;
  const open = async () => {
    if (isOpen) return;
    isOpen = true;
    try {
      const { BarsView } = await import("./bars-view.js");
      await new BarsView(element).start();
    } catch {
      isOpen = false;
      const failed = /** @type {HTMLElement | null} */ (element.querySelector("[data-part='failed']"));
      if (failed) failed.hidden = false;
    }
  };
  element.addEventListener("bars-open", open);
  if (!element.hidden) open();
}
