// A browser that only plays a phone (developer tools, a test) tells a canvas's device pixels as if the screen had one for
// each CSS pixel, and the chart library believes it: its canvases would be blurred. A size that contradicts the screen's
// ratio is hidden from it; then it works with the ratio, as it does on every iPhone.

const PIXELS_OFF_MAX = 2;

/** Hide sizes in device pixels that cannot be. */
export function hideFalsePixels() {
  const entry = window.ResizeObserverEntry?.prototype;
  const told = entry && Object.getOwnPropertyDescriptor(entry, "devicePixelContentBoxSize");
  if (!entry || !told?.get || !told.configurable) return;
  const { get } = told;
  Object.defineProperty(entry, "devicePixelContentBoxSize", {
    configurable: true,
    get() {
      const size = get.call(this);
      const width = this.contentRect.width * window.devicePixelRatio;
      return Math.abs((size?.[0]?.inlineSize ?? width) - width) > PIXELS_OFF_MAX ? undefined : size;
    },
  });
}
