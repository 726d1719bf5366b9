// data-behaviour="fill-chip": puts its value into the input it names.

/** @param {HTMLElement} element */
export function connect(element) {
  element.addEventListener("click", () => {
    const input = document.querySelector(`[name="${element.dataset.target}"]`);
    if (!(input instanceof HTMLInputElement)) return;
    input.value = element.dataset.value ?? "";
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
