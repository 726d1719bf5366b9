// Loads WeChat's JS-SDK and configures it for this page, signed by our server for the address in the bar.
import { read } from "../_ui/send.js";

/** @type {Promise<any> | undefined} */
let pending;

/** Resolves with `wx` once the page may call it; rejects with the SDK's own words. */
export function ready() {
  pending ??= begin();
  return pending;
}

async function begin() {
  const [page = ""] = location.href.split("#");
  const { scriptUrl, ...config } = await read(`/wechat/js-config?url=${encodeURIComponent(page)}`);
  await load(scriptUrl);
  const { wx } = /** @type {any} */ (window);
  return new Promise((resolve, reject) => {
    wx.ready(() => resolve(wx));
    wx.error((/** @type {{errMsg: string}} */ wrong) => reject(new Error(wrong.errMsg)));
    wx.config(config);
  });
}

/** @param {string} address */
function load(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = () => resolve(undefined);
    script.onerror = () => reject(new Error("script"));
    document.head.append(script);
  });
}
