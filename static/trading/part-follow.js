// data-behaviour="part-follow": this part of the page is drawn anew by the server every so often while the page is seen.
// data-pace: quick while something is on its way (a fill is shown within three seconds), calm otherwise.
import { poll } from "../_ui/poll.js";
import { renewPart } from "./part.js";

const PACE_MS = /** @type {Record<string, number>} */ ({ quick: 1_500, calm: 5_000 });

/** @param {HTMLElement} element */
export function connect(element) {
  const stop = poll(
    async () => {
      if (document.body.classList.contains("is-veiled")) return;
      const now = await renewPart(element.id);
      // A new element has a behaviour of its own, at the pace it wants.
      if (now !== element) stop();
    },
    PACE_MS[element.dataset.pace ?? "calm"] ?? 5_000,
  );
}
