// Short sentences that go by themselves, spoken politely.

const SHOWN_MS = 2_500;

/** @param {string} text */
export function toast(text) {
  const place = document.querySelector(".ui-toast-place");
  if (!place) return;
  const bubble = document.createElement("p");
  bubble.className = "ui-toast";
  bubble.textContent = text;
  place.replaceChildren(bubble);
  window.setTimeout(() => bubble.remove(), SHOWN_MS);
}
