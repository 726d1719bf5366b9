// Follows the text size the reader chose in WeChat, and marks the page from 135 % on.

const LARGE_RATIO = 1.35;
const PROBE_PX = 100;

/** The reader's text size as WeChat tells it on iOS, in percent, or 0. */
function scaleFromWeChat() {
  const environment = /** @type {any} */ (window).__wxWebEnv;
  if (!environment) return 0;
  try {
    return Number(JSON.parse(environment.getEnv()).fontScale) || 0;
  } catch {
    return 0;
  }
}

/** How much larger text is drawn than it was asked for. */
function drawnRatio() {
  const probe = document.createElement("span");
  probe.className = "ui-text-probe";
  probe.textContent = "中";
  document.body.append(probe);
  const ratio = Number.parseFloat(getComputedStyle(probe).fontSize) / PROBE_PX;
  probe.remove();
  return ratio;
}

export function followTextScale() {
  const scale = scaleFromWeChat();
  if (scale > 0) document.body.style.setProperty("-webkit-text-size-adjust", `${scale}%`);
  const ratio = Math.max(drawnRatio(), scale / 100, rootRatio());
  document.body.classList.toggle("has-large-text", ratio >= LARGE_RATIO);
}

/** A browser's own text size setting shows in the size of 1 rem. */
function rootRatio() {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
}
