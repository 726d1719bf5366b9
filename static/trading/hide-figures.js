// data-behaviour="hide-figures": the eye that blurs every private figure, on all pages of this visit.

const KEY = "trading-hides-figures";

/** @param {HTMLElement} button */
export function connect(button) {
  const show = () => {
    const isHiding = sessionStorage.getItem(KEY) === "yes";
    document.body.classList.toggle("is-hiding-figures", isHiding);
    button.setAttribute("aria-pressed", String(isHiding));
  };
  button.addEventListener("click", () => {
    sessionStorage.setItem(KEY, sessionStorage.getItem(KEY) === "yes" ? "no" : "yes");
    show();
  });
  show();
}
