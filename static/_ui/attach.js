// Finds elements by data-behaviour and connects each behaviour once.

/** @typedef {(element: HTMLElement) => void | (() => void)} Connect */

/** @type {Map<string, Connect>} */
const connects = new Map();
/** @type {WeakMap<Element, Set<string>>} */
const attached = new WeakMap();

/**
 * Connect one element's behaviours that are known and not yet connected.
 * @param {Element} element
 */
function attachElement(element) {
  const done = attached.get(element) ?? new Set();
  attached.set(element, done);
  for (const name of (element.getAttribute("data-behaviour") ?? "").split(/\s+/)) {
    const connect = connects.get(name);
    if (!connect || done.has(name)) continue;
    done.add(name);
    connect(/** @type {HTMLElement} */ (element));
  }
}

/**
 * Connect everything under a root; call it again after HTML has been replaced.
 * @param {ParentNode} root
 */
export function attachAll(root = document) {
  for (const element of root.querySelectorAll("[data-behaviour]")) attachElement(element);
}

/**
 * Make behaviours known and connect them to the page.
 * @param {Record<string, Connect>} behaviours by name
 */
export function attach(behaviours) {
  for (const [name, connect] of Object.entries(behaviours)) connects.set(name, connect);
  attachAll();
}
