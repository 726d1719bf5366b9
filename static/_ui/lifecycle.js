// The page's coming and going: one event for "seen again", one for "gone".

/**
 * Call back when the page is shown again: from the back-forward cache or from behind another window.
 * @param {(reason: "restored" | "seen") => void} callback
 * @returns {() => void} stop listening
 */
export function onReturn(callback) {
  /** @param {PageTransitionEvent} event */
  const onShow = (event) => {
    if (event.persisted) callback("restored");
  };
  const onVisible = () => {
    if (!document.hidden) callback("seen");
  };
  window.addEventListener("pageshow", onShow);
  document.addEventListener("visibilitychange", onVisible);
  return () => {
    window.removeEventListener("pageshow", onShow);
    document.removeEventListener("visibilitychange", onVisible);
  };
}

/**
 * Call back when the page is hidden or left: close streams here.
 * @param {() => void} callback
 */
export function onLeave(callback) {
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) callback();
  });
  window.addEventListener("pagehide", callback);
}
