// data-behaviour="copy-text": copies data-text and says so; where the browser cannot, selects the text instead.

/** @param {HTMLElement} element */
async function copy(element) {
  await navigator.clipboard.writeText(element.dataset.text ?? "");
  element.textContent = element.dataset.done ?? element.textContent;
}

/** Select what stands before the button, so that a long press copies it. @param {HTMLElement} element */
function select(element) {
  const shown = element.previousElementSibling;
  if (shown) getSelection()?.selectAllChildren(shown);
}

/** @param {HTMLElement} element */
export function connect(element) {
  element.addEventListener("click", () => {
    const isAble = Boolean(navigator.clipboard);
    if (!isAble) select(element);
    else copy(element).catch(() => select(element));
  });
}
