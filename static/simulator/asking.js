// Asks the simulator's server, and says on the page what it refuses.

const TOAST_MS = 2600;

/**
 * Show a sentence over the page for a moment.
 * @param {string} sentence
 */
export function say(sentence) {
  const toast = /** @type {HTMLElement} */ (document.querySelector(".toast"));
  toast.textContent = sentence;
  toast.hidden = false;
  setTimeout(() => {
    toast.hidden = true;
  }, TOAST_MS);
}

/**
 * Post JSON and return the answer; a refusal is shown and gives null.
 * @param {string} address
 * @param {Record<string, unknown>} body
 * @returns {Promise<Record<string, any> | null>}
 */
export async function post(address, body) {
  const toast = /** @type {HTMLElement} */ (document.querySelector(".toast"));
  try {
    const reply = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify(body),
    });
    const answer = await reply.json();
    if (reply.ok) return answer;
    say(answer.error?.message ?? toast.dataset.failed ?? "");
  } catch {
    say(toast.dataset.failed ?? "");
  }
  return null;
}
