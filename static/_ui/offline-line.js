// data-behaviour="offline-line": says so while the phone has no network.

/** @param {HTMLElement} element */
export function connect(element) {
  const show = () => {
    element.hidden = navigator.onLine;
  };
  window.addEventListener("online", show);
  window.addEventListener("offline", show);
  show();
}
