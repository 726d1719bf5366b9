// data-behaviour="bars": candles. The chart library is fetched when the candles are opened, not before; the bars come
// beside it.
import { BarsSource, remembered } from "./bars-data.js";

/** @param {HTMLElement} element */
export function connect(element) {
  const source = new BarsSource(element.dataset.chartSymbol ?? "");
  /** @type {Promise<typeof import("./bars-view.js")> | undefined} */
  let coming;
  let isOpen = false;
  /** A finger is on the tab: the library sets out before it is lifted. */
  const fetchEarly = () => {
    if (coming) return;
    coming = import("./bars-view.js");
    coming.catch(() => {});
    source.begin(remembered());
  };
  const open = async () => {
    if (isOpen) return;
    isOpen = true;
    try {
      fetchEarly();
      const { BarsView } = await /** @type {Promise<typeof import("./bars-view.js")>} */ (coming);
      await new BarsView(element, source).start();
    } catch {
      isOpen = false;
      coming = undefined;
      const failed = /** @type {HTMLElement | null} */ (element.querySelector("[data-part='failed']"));
      if (failed) failed.hidden = false;
    }
  };
  element.addEventListener("bars-near", fetchEarly);
  element.addEventListener("bars-open", open);
  if (!element.hidden) open();
}
