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
    // On iOS the real SDK signs for the address the page was first opened at, on Android for the present one.
    const url = (await phone()).platform === "ios" ? landing : location.href.split("#")[0];
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

  /**
   * <wx-open-subscribe template="id,id">: a tap opens the platform's question, an answer fires `success`.
   * As in WeChat there is nothing to tap before the page is configured; where it never is, `error` is fired.
   */
  class OpenSubscribe extends HTMLElement {
    connectedCallback() {
      wx.ready(() => this.open());
      wx.error(({ errMsg }) => this.refuse(errMsg));
    }

    open() {
      if (!(sdk.config.openTagList ?? []).includes("wx-open-subscribe")) {
        this.refuse("subscribe:fail not configured");
        return;
      }
      this.addEventListener("click", () => this.ask());
      if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => this.draw());
      else this.draw();
    }

    /** @param {string} errMsg */
    refuse(errMsg) {
      this.dispatchEvent(new CustomEvent("error", { detail: { errMsg, errCode: 10002 } }));
    }

    draw() {
      const inside = this.querySelector("template, script[type='text/wxtag-template']");
      if (inside instanceof HTMLTemplateElement) this.append(inside.content.cloneNode(true));
      else if (inside) this.insertAdjacentHTML("beforeend", inside.textContent ?? "");
    }

    async ask() {
      const ids = (this.getAttribute("template") ?? "").split(",").filter(Boolean);
      const titles = await (await fetch("/simulator/jssdk/templates")).json();
      const accepted = await question(ids.map((id) => titles[id] ?? id));
      const { user_id } = await phone();
      const reply = await fetch(`/phone/${user_id}/deeds/subscribe`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ decisions: Object.fromEntries(ids.map((id) => [id, accepted])) }),
      });
      const status = JSON.stringify({ status: accepted ? "accept" : "reject" });
      const subscribeDetails = JSON.stringify(Object.fromEntries(ids.map((id) => [id, status])));
      const detail = { errMsg: reply.ok ? "subscribe:ok" : "subscribe:fail", subscribeDetails };
      this.dispatchEvent(new CustomEvent(reply.ok ? "success" : "error", { detail }));
    }
  }

  /**
   * Ask the user as the platform asks: allow or not.
   * @param {string[]} titles
   * @returns {Promise<boolean>}
   */
  function question(titles) {
    const dialog = document.createElement("dialog");
    dialog.dataset.testid = "subscribe-popup";
    const text = document.createElement("p");
    text.textContent = `微信模拟器: 允许服务号发送一次以下消息? ${titles.join("、")}`;
    dialog.append(text);
    return new Promise((resolve) => {
      for (const [name, words, isAccepted] of [
        ["allow", "允许", true],
        ["reject", "拒绝", false],
      ]) {
        const button = document.createElement("button");
        button.type = "button";
        button.dataset.testid = `subscribe-${name}`;
        button.textContent = String(words);
        button.addEventListener("click", () => {
          dialog.remove();
          resolve(Boolean(isAccepted));
        });
        dialog.append(button);
      }
      document.body.append(dialog);
      dialog.showModal();
    });
  }

  customElements.define("wx-open-subscribe", OpenSubscribe);
})();
