// What a person would see go wrong on a page; tests/browser puts this into it and asks.
// Every probe returns a list of sentences, empty when nothing is wrong.

const NEAR_PX = 0.6;
const OVERLAP_PX = 3;

/** @param {Element} element */
function named(element) {
  const words = (element.textContent ?? "").trim().replace(/\s+/g, " ").slice(0, 24);
  const label =
    element.getAttribute("data-testid") ?? element.getAttribute("name") ?? element.getAttribute("href") ?? "";
  return `${element.tagName.toLowerCase()}.${element.className} ${label} "${words}"`;
}

/** @param {Element} element */
function isSeen(element) {
  const box = element.getBoundingClientRect();
  if (box.width < 2 || box.height < 2) return false;
  if (!element.checkVisibility({ checkOpacity: false, checkVisibilityCSS: true })) return false;
  return !element.closest(".ui-only-heard, .ui-skip, [hidden]");
}

/** @param {Element} element */
function isInScroller(element) {
  for (let parent = element.parentElement; parent && parent !== document.body; parent = parent.parentElement) {
    if (/(auto|scroll|hidden)/.test(getComputedStyle(parent).overflowX)) return true;
  }
  return false;
}

/** @param {Element} element */
function isFixed(element) {
  return element.closest(".ui-bottom-bar, .ui-tabbar, .ui-keypad, .ui-offline, .ui-toast-place, .is-attached") !== null;
}

/** What reaches past the right edge of the phone. A phone would zoom out and widen its window, so that is not asked. */
function wide() {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return [];
  return [...document.querySelectorAll("body *")]
    .filter((one) => isSeen(one) && one.getBoundingClientRect().right > room + NEAR_PX && !isInScroller(one))
    .map((one) => `${named(one)} ends at ${Math.round(one.getBoundingClientRect().right)} of ${room}`);
}

/**
 * A link inside a sentence is as high as its line: the one exception from the size of targets.
 * @param {Element} element
 */
function isInSentence(element) {
  if (element.tagName !== "A" || getComputedStyle(element).display !== "inline") return false;
  const around = [...(element.parentElement?.childNodes ?? [])];
  return around.some((node) => node !== element && node.nodeType === Node.TEXT_NODE && node.textContent?.trim());
}

/**
 * Where a tap reaches an element: its own box, or that of the label around it.
 * @param {Element} element
 */
function hotArea(element) {
  return (element.closest("label") ?? element).getBoundingClientRect();
}

/**
 * What is too small to be tapped.
 * @param {number} size in CSS pixels
 * @param {string} which a selector
 */
function small(size, which = "a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button]") {
  return [...document.querySelectorAll(which)]
    .filter((one) => isSeen(one) && !isInSentence(one))
    .map((one) => ({ one, box: hotArea(one) }))
    .filter(({ box }) => box.width < size - NEAR_PX || box.height < size - NEAR_PX)
    .map(({ one, box }) => `${named(one)} is ${Math.round(box.width)} x ${Math.round(box.height)}`);
}

/** Every text that is seen, with its boxes. */
function* texts() {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (!parent || !node.textContent?.trim() || parent.closest("script, style, noscript, option") || !isSeen(parent))
      continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    yield { parent, text: node.textContent.trim(), boxes: [...range.getClientRects()] };
  }
}

/** Texts that stand on each other. */
function overlapping() {
  const found = [...texts()]
    .filter(({ parent }) => !isFixed(parent) && !isInScroller(parent))
    .flatMap(({ parent, text, boxes }) => boxes.map((box) => ({ parent, text, box })));
  const wrong = [];
  for (let index = 0; index < found.length; index += 1) {
    for (let other = index + 1; other < found.length; other += 1) {
      const [a, b] = [found[index], found[other]];
      if (!a || !b || a.parent === b.parent) continue;
      const across = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
      const down = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
      // Boxes of lines may touch; letters fill about two thirds of their height.
      if (across > OVERLAP_PX && down > Math.min(a.box.height, b.box.height) / 3)
        wrong.push(`"${a.text}" and "${b.text}"`);
    }
  }
  return wrong;
}

/** Texts and values that their own box cuts. */
function cut() {
  const boxes = [...document.querySelectorAll("body *")].filter(
    (one) => isSeen(one) && one.scrollWidth > one.clientWidth + 1,
  );
  return boxes
    .filter(
      (one) => one.clientWidth > 0 && /(hidden|clip)/.test(getComputedStyle(one).overflowX) && one.tagName !== "SELECT",
    )
    .filter((one) => one.tagName !== "INPUT" || /** @type {HTMLInputElement} */ (one).value !== "")
    .map((one) => `${named(one)} needs ${one.scrollWidth} of ${one.clientWidth}`);
}

/**
 * Texts that are smaller than a size.
 * @param {number} size in CSS pixels
 */
function tiny(size) {
  return [...texts()]
    .filter(({ parent }) => Number.parseFloat(getComputedStyle(parent).fontSize) < size - 0.01)
    .map(({ parent, text }) => `"${text}" is ${getComputedStyle(parent).fontSize}`);
}

/** Texts that stay below a bar when the page is scrolled to its end. */
function covered() {
  window.scrollTo(0, document.documentElement.scrollHeight);
  const bars = [...document.querySelectorAll(".ui-bottom-bar, .ui-tabbar")].filter(
    (one) => isSeen(one) && getComputedStyle(one).position === "fixed",
  );
  const top = Math.min(...bars.map((one) => one.getBoundingClientRect().top), window.innerHeight);
  const wrong = [...texts()]
    .filter(
      ({ parent, boxes }) => !isFixed(parent) && !isInScroller(parent) && boxes.some((box) => box.bottom > top + 1),
    )
    .map(({ text }) => `"${text}" is below the bar`);
  window.scrollTo(0, 0);
  return wrong;
}

Object.assign(window, { probes: { wide, small, overlapping, cut, tiny, covered } });
