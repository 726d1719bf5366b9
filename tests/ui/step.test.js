// The plus and minus buttons beside a field add exactly.
import assert from "node:assert/strict";
import { test } from "node:test";
import { addDecimal } from "../../static/_ui/step.js";

test("a step is added in whole units of the last place", () => {
  assert.equal(addDecimal("0.1", "0.2", 2), "0.30");
  assert.equal(addDecimal("1688.99", "0.01", 2), "1689.00");
  assert.equal(addDecimal("1.012", "-0.001", 3), "1.011");
  assert.equal(addDecimal("100", "100", 0), "200");
});

test("a field never goes below zero and takes nonsense for nothing", () => {
  assert.equal(addDecimal("0.00", "-0.01", 2), "0.00");
  assert.equal(addDecimal("abc", "0.01", 2), "0.01");
  assert.equal(addDecimal("", "100", 0), "100");
});
