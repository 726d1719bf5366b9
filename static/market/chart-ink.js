// What every chart of the market draws with: the page's tokens as colours, small type, and a canvas's pixels.

const LARGE_TEXT_RATIO = 1.5;

/**
 * The size of a chart's letters: the page's smallest, larger where the reader's text is.
 * @param {number} rems
 */
function lettersPx(rems) {
  const root = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  const ratio = document.body.classList.contains("has-large-text") ? LARGE_TEXT_RATIO : 1;
  return Math.round(rems * root * ratio);
}

/**
 * The colours of the page's tokens, and its small type.
 * @param {Element} element
 */
export function readColours(element) {
  const style = getComputedStyle(element);
  /** @param {string} name */
  const token = (name) => style.getPropertyValue(`--ui-${name}`).trim();
  const letters = lettersPx(Number.parseFloat(token("text-tiny")));
  return {
    text: token("text"),
    soft: token("text-soft"),
    line: token("line"),
    price: token("link"),
    average: token("average"),
    up: token("up"),
    down: token("down"),
    flat: token("flat"),
    surface: token("surface"),
    letters,
    font: `${letters}px ${style.fontFamily}`,
  };
}

/**
 * Call back when the inks change: the phone turned dark, or the reader chose a theme, a size or which ink means a rise.
 * @param {() => void} callback
 */
export function onInkChange(callback) {
  window.matchMedia("(prefers-color-scheme: dark)").addListener(callback);
  const attributeFilter = ["class", "data-weui-theme", "data-weui-mode", "data-market-colours"];
  new MutationObserver(callback).observe(document.body, { attributeFilter });
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {[number, number]} from
 * @param {[number, number]} to
 */
export function stroke(context, from, to) {
  context.beginPath();
  context.moveTo(...from);
  context.lineTo(...to);
  context.stroke();
}

/**
 * Give a canvas the pixels of its size on the screen; returns its size in CSS pixels.
 * @param {HTMLCanvasElement} canvas
 */
export function fit(canvas) {
  const { clientWidth: width, clientHeight: height } = canvas;
  const scale = window.devicePixelRatio || 1;
  const pixels = { width: Math.round(width * scale), height: Math.round(height * scale) };
  if (canvas.width !== pixels.width || canvas.height !== pixels.height) Object.assign(canvas, pixels);
  canvas.getContext("2d")?.setTransform(scale, 0, 0, scale, 0, 0);
  return { width, height };
}
