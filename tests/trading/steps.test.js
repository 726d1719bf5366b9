// A tap on minus or plus: prices stay on the tick and inside the limits, quantities are regular.
import assert from "node:assert/strict";
import { test } from "node:test";
import { steppedPrice, steppedQuantity, unitsOf } from "../../static/trading/steps.js";

const STOCK = { tick: "0.01", up: "11.00", down: "9.00", decimals: 2 };
const FUND = { tick: "0.001", up: "", down: "", decimals: 3 };
const MAIN = { minimum: 100, step: 100, maximum: 1_000_000, stride: 100 };
const STAR = { minimum: 200, step: 1, maximum: 100_000, stride: 100 };

test("a price moves by one tick, exactly", () => {
  assert.equal(steppedPrice("10.29", 1, STOCK), "10.30");
  assert.equal(steppedPrice("10.30", -1, STOCK), "10.29");
  assert.equal(steppedPrice("4.003", 1, FUND), "4.004");
  assert.equal(steppedPrice("1.1", 1, FUND), "1.101");
});

test("a price stays inside the day's limits and above nothing", () => {
  assert.equal(steppedPrice("11.00", 1, STOCK), "11.00");
  assert.equal(steppedPrice("9.00", -1, STOCK), "9.00");
  assert.equal(steppedPrice("", 1, STOCK), "9.00");
  assert.equal(steppedPrice("0.001", -1, FUND), "0.001");
  assert.equal(steppedPrice("abc", -1, FUND), "0.001");
});

test("a quantity moves by a lot and starts at the minimum", () => {
  assert.equal(steppedQuantity("", 1, MAIN), "100");
  assert.equal(steppedQuantity("100", 1, MAIN), "200");
  assert.equal(steppedQuantity("150", 1, MAIN), "200");
  assert.equal(steppedQuantity("250", -1, MAIN), "100");
  assert.equal(steppedQuantity("100", -1, MAIN), "");
  assert.equal(steppedQuantity("1000000", 1, MAIN), "1000000");
});

test("a board that steps by one share keeps its minimum", () => {
  assert.equal(steppedQuantity("", 1, STAR), "200");
  assert.equal(steppedQuantity("233", 1, STAR), "333");
  assert.equal(steppedQuantity("233", -1, STAR), "200");
  assert.equal(steppedQuantity("200", -1, STAR), "");
  assert.equal(steppedQuantity("99990", 1, STAR), "100000");
});

test("a decimal text counts in units of its last place", () => {
  assert.equal(unitsOf("1025.00", 2), 102_500);
  assert.equal(unitsOf(".5", 2), 50);
  assert.equal(unitsOf("-1", 2), 0);
});
