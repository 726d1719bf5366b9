// Calls a function again and again while the page is seen, slower after failures.

const SLOWEST_MS = 60_000;

/**
 * Poll until stopped. The next call starts after the last one ended.
 * @param {() => Promise<unknown>} work
 * @param {number} everyMs
 * @returns {() => void} stop
 */
export function poll(work, everyMs) {
  let timer = 0;
  let failures = 0;
  let isStopped = false;
  const wait = () => Math.min(everyMs * 2 ** failures, SLOWEST_MS);
  const plan = () => {
    if (!isStopped && !document.hidden) timer = window.setTimeout(run, wait());
  };
  const run = async () => {
    try {
      await work();
      failures = 0;
    } catch {
      failures += 1;
    }
    plan();
  };
  const onSeen = () => {
    clearTimeout(timer);
    if (!document.hidden) void run();
  };
  document.addEventListener("visibilitychange", onSeen);
  plan();
  return () => {
    isStopped = true;
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", onSeen);
  };
}
