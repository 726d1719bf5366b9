// data-behaviour="keypad": the page's own digits for price, quantity, password, code and account.
// The system keyboard stays down (inputmode none); without script the field is an ordinary input.
import { addDecimal } from "./step.js";

const TITLES = /** @type {Record<string, string>} */ ({
  number: "输入价格",
  whole: "输入数量",
  password: "输入交易密码",
  code: "输入验证码",
  account: "输入资金账号",
});

/** @type {{ pad: HTMLElement, input: HTMLInputElement } | null} */
let open = null;

/** @param {HTMLElement} element */
export function connect(element) {
  const input = /** @type {HTMLInputElement} */ (element);
  input.setAttribute("inputmode", "none");
  let isTapped = false;
  // A tap opens with its click, when it is over: opening moves the page, and the rest of the tap would fall beside the field.
  input.addEventListener("pointerdown", () => {
    isTapped = true;
  });
  input.addEventListener("focus", () => {
    if (!isTapped) show(input);
  });
  input.addEventListener("blur", () => {
    isTapped = false;
  });
  input.addEventListener("click", () => show(input));
  input.addEventListener("keydown", (event) => {
    if (event.key === "Tab" || event.key === "Escape" || event.key === "Enter") hide();
  });
  for (const button of input.parentElement?.querySelectorAll("[data-step]") ?? []) {
    button.addEventListener("click", () => step(input, button.getAttribute("data-step") ?? "0"));
  }
  // Somebody was quicker than the script.
  if (document.activeElement === input) show(input);
}

/**
 * @param {HTMLInputElement} input
 * @param {string} by
 */
function step(input, by) {
  put(input, addDecimal(input.value || "0", by, Number(input.dataset.decimals ?? 0)));
}

/**
 * @param {HTMLInputElement} input
 * @param {string} text
 */
function put(input, text) {
  input.value = text;
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

/**
 * Whether a text may stand in the field.
 * @param {HTMLInputElement} input
 * @param {string} text
 */
function mayStand(input, text) {
  if (input.maxLength > 0 && text.length > input.maxLength) return false;
  const decimals = Number(input.dataset.decimals ?? 0);
  const pattern = decimals > 0 ? new RegExp(`^\\d*(\\.\\d{0,${decimals}})?$`) : /^\d*$/;
  return pattern.test(text);
}

/**
 * @param {HTMLInputElement} input
 * @param {string} key
 */
function press(input, key) {
  if (key === "back") put(input, input.value.slice(0, -1));
  else if (mayStand(input, input.value + key)) put(input, input.value + key);
}

/** @param {HTMLInputElement} input */
function show(input) {
  if (open?.input === input) return;
  hide();
  const pad = build(input);
  document.body.append(pad);
  document.body.classList.add("has-keypad");
  input.classList.add("is-active");
  open = { pad, input };
  // On click, not before: hiding moves the page, and a tap on a button below must still reach it.
  document.addEventListener("click", hideFromOutside);
  reveal(input, pad);
}

/**
 * Scroll the field into the room that the keypad leaves, if it is not there already.
 * @param {HTMLElement} input
 * @param {HTMLElement} pad
 */
function reveal(input, pad) {
  const room = pad.getBoundingClientRect().top;
  const box = input.getBoundingClientRect();
  if (box.top >= 0 && box.bottom <= room) return;
  window.scrollBy(0, box.top - Math.max(0, (room - box.height) / 2));
}

function hide() {
  if (!open) return;
  document.removeEventListener("click", hideFromOutside);
  open.input.classList.remove("is-active");
  open.pad.remove();
  document.body.classList.remove("has-keypad");
  open = null;
}

/** @param {Event} event */
function hideFromOutside(event) {
  const target = /** @type {Node} */ (event.target);
  if (!open || open.pad.contains(target) || open.input.parentElement?.contains(target)) return;
  hide();
}

/** @param {HTMLInputElement} input */
function build(input) {
  const pad = document.createElement("div");
  pad.className = "ui-keypad";
  pad.setAttribute("role", "group");
  pad.setAttribute("aria-label", TITLES[input.dataset.keypad ?? ""] ?? "输入数字");
  pad.dataset.testid = "keypad";
  const head = document.createElement("div");
  head.className = "ui-keypad__head";
  const title = document.createElement("span");
  title.textContent = pad.getAttribute("aria-label");
  const done = key("完成", "done");
  done.classList.add("is-done");
  done.addEventListener("click", hide);
  head.append(title, done);
  const keys = document.createElement("div");
  keys.className = "ui-keypad__keys";
  for (const name of ["1", "2", "3", "4", "5", "6", "7", "8", "9", corner(input), "0", "back"]) {
    if (!name) {
      keys.append(blank());
      continue;
    }
    const button = key(name === "back" ? "⌫" : name, name);
    if (name === "back") button.setAttribute("aria-label", "删除");
    button.addEventListener("click", () => press(input, name));
    keys.append(button);
  }
  pad.append(head, keys);
  // The field keeps the focus, so that a screen reader stays where it is.
  pad.addEventListener("pointerdown", (event) => event.preventDefault());
  return pad;
}

/**
 * The key beside the 0: a point where there are decimals, two noughts for whole lots, nothing for passwords and codes.
 * @param {HTMLInputElement} input
 */
function corner(input) {
  if (Number(input.dataset.decimals ?? 0) > 0) return ".";
  return input.dataset.keypad === "whole" ? "00" : "";
}

function blank() {
  const place = document.createElement("span");
  place.className = "ui-key is-blank";
  return place;
}

/**
 * @param {string} text
 * @param {string} name
 */
function key(text, name) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "ui-key";
  button.textContent = text;
  button.dataset.key = name;
  return button;
}
