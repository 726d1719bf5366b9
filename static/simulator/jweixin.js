// Stands in for WeChat's jweixin: checks signatures with the simulator, answers from the simulated phone.
// An ordinary script: it defines window.wx and window.jWeixin as the real one does.
(() => {
  /** @type {(() => void)[]} */
  const readyCalls = [];
  /** @type {((result: {errMsg: string}) => void)[]} */
  const errorCalls = [];
  /** @type {{state: string, config: any, error: string}} */
  const sdk = { state: "new", config: {}, error: "" };
  const landing = location.href.split("#")[0];

  /**
   * Answer a call in the SDK's way: success or fail, then complete.
   * @param {any} options
   * @param {any} result
   */
  function settle(options, result) {
    const isOk = /:ok$/.test(result.errMsg);
    const call = isOk ? options?.success : options?.fail;
    call?.(result);
    options?.complete?.(result);
  }

  /** @param {any} config */
  async function configure(config) {
    sdk.config = config;
    const isIos = /iPhone|iPad/.test((await phone()).platform === "ios" ? "iPhone" : "");
    const url = isIos ? landing : location.href.split("#")[0];
    const { appId, timestamp, nonceStr, signature } = config;
    const reply = await fetch("/simulator/jssdk/check", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ appId, timestamp, nonceStr, signature, url }),
    });
    const { reason } = await reply.json();
    sdk.state = reason ? "error" : "ready";
    sdk.error = reason;
    if (reason) for (const call of errorCalls) call({ errMsg: `config:${reason}` });
    else for (const call of readyCalls.splice(0)) call();
  }

  /** What the simulator knows of this phone. */
  async function phone() {
    const reply = await fetch("/simulator/jssdk/phone");
    return reply.json();
  }

  /**
   * Make a call that works once the page is configured for it.
   * @param {string} name
   * @param {(options: any) => any} run
   */
  function api(name, run) {
    return async (/** @type {any} */ options = {}) => {
      const isListed = (sdk.config.jsApiList ?? []).includes(name);
      if (sdk.state !== "ready" || !isListed) return settle(options, { errMsg: `${name}:permission denied` });
      const result = (await run(options)) ?? {};
      return settle(options, { errMsg: `${name}:ok`, ...result });
    };
  }

  const wx = {
    config: (/** @type {any} */ config) => {
      configure(config).catch(() => {
        for (const call of errorCalls) call({ errMsg: "config:fail" });
      });
    },
    ready: (/** @type {() => void} */ call) => {
      if (sdk.state === "ready") call();
      else readyCalls.push(call);
    },
    error: (/** @type {(result: {errMsg: string}) => void} */ call) => {
      if (sdk.state === "error") call({ errMsg: `config:${sdk.error}` });
      else errorCalls.push(call);
    },
    checkJsApi: (/** @type {any} */ options) => {
      const checkResult = Object.fromEntries(options.jsApiList.map((/** @type {string} */ name) => [name, name in wx]));
      settle(options, { errMsg: "checkJsApi:ok", checkResult });
    },
    updateAppMessageShareData: api("updateAppMessageShareData", () => ({})),
    updateTimelineShareData: api("updateTimelineShareData", () => ({})),
    hideMenuItems: api("hideMenuItems", () => ({})),
    showMenuItems: api("showMenuItems", () => ({})),
    hideOptionMenu: api("hideOptionMenu", () => ({})),
    showOptionMenu: api("showOptionMenu", () => ({})),
    getNetworkType: api("getNetworkType", () => ({ networkType: "wifi" })),
    getLocation: api("getLocation", async () => {
      const { latitude, longitude } = await phone();
      return { latitude: Number(latitude), longitude: Number(longitude), speed: 0, accuracy: 40 };
    }),
    scanQRCode: api("scanQRCode", async () => ({ resultStr: (await phone()).scan_result })),
    chooseImage: api("chooseImage", () => ({ localIds: ["weixin://resourceid/simulated"], sourceType: "album" })),
    previewImage: api("previewImage", () => ({})),
    closeWindow: () => window.parent.postMessage({ simulator: "close" }, location.origin),
  };
  Object.assign(window, { wx, jWeixin: wx });
})();
