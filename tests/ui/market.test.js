// The market's arithmetic in the browser: fields, slots, today's line, and what becomes of a moving quote.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { facts } from "../../static/market/facts.js";
import { carry, halfRange, pointNear, slotX, tickWay, volumeMax } from "../../static/market/intraday-plot.js";
import { slotOf, slotTime } from "../../static/market/slots.js";

const CASES = JSON.parse(readFileSync(new URL("./market_facts_cases.json", import.meta.url), "utf8"));

for (const one of CASES) {
  test(`fields of ${one.name}`, () => {
    const given = Object.fromEntries(
      Object.entries(facts(one.terms, one.row)).map(([key, fact]) => [key, [fact.text, fact.way]]),
    );
    assert.deepEqual(given, one.gives);
  });
}

test("a moment stands in the slot that ends after it; lunch and evening belong to the slot before", () => {
  const slots = {
    "09:24:59": undefined,
    "09:25:00": 0,
    "09:30:00": 1,
    "11:29:59": 120,
    "11:45:00": 120,
    "13:00:00": 121,
    "14:59:59": 240,
    "16:00:00": 240,
  };
  for (const [time, slot] of Object.entries(slots)) assert.equal(slotOf(`2026-11-24T${time}+08:00`), slot, time);
  assert.deepEqual([0, 1, 120, 121, 240].map(slotTime), ["09:30", "09:31", "11:30", "13:01", "15:00"]);
});

test("the range is symmetric about the previous close and takes in the average line", () => {
  assert.equal(
    halfRange(
      [
        [0, 10_300, 10_200, 1, 1],
        [1, 9_900, 10_450, 1, 1],
      ],
      10_000,
      true,
    ),
    450,
  );
  assert.equal(
    halfRange(
      [
        [0, 10_300, 10_200, 1, 1],
        [1, 9_900, 10_450, 1, 1],
      ],
      10_000,
      false,
    ),
    300,
  );
  assert.equal(halfRange([], 10_000, true), 20);
  assert.ok(halfRange([], 0, true) > 0);
});

test("the axis has 241 fixed places, and noon is its middle", () => {
  assert.deepEqual(
    [0, 120, 240].map((slot) => slotX(slot, 480)),
    [0, 240, 480],
  );
});

test("the crosshair finds the nearest minute that has a price, never one beyond now", () => {
  const points = [
    [0, 10, 10, 1, 1],
    [1, 11, 10, 1, 1],
    [120, 12, 10, 1, 1],
  ];
  assert.equal(pointNear(-5, 240, points), 0);
  assert.equal(pointNear(1, 240, points), 1);
  assert.equal(pointNear(60, 240, points), 1);
  assert.equal(pointNear(239, 240, points), 2);
  assert.equal(pointNear(10, 240, []), -1);
});

test("volume bars take the colour of their minute", () => {
  const points = [
    [0, 10_100, 0, 5, 1],
    [1, 10_100, 0, 9, 1],
    [2, 10_050, 0, 1, 1],
  ];
  assert.deepEqual(
    [0, 1, 2].map((index) => tickWay(points, index, 10_000)),
    ["up", "flat", "down"],
  );
  assert.equal(volumeMax(points), 9);
  assert.equal(volumeMax([]), 1);
});

const row = (/** @type {object} */ changed) => ({
  symbol: "600519.SH",
  sequence: 1,
  phase: "continuous",
  previous_close_milli: 10_000,
  volume_shares: 1_000,
  turnover_fen: 1_010_000,
  last_milli: 10_200,
  at: "2026-11-24T09:31:30+08:00",
  ...changed,
});

test("a quote of the running minute becomes the last point, with that minute's own volume", () => {
  const points = [
    [0, 10_000, 10_000, 600, 600_000],
    [1, 10_050, 10_010, 100, 100_500],
    [2, 10_100, 10_050, 100, 101_000],
  ];
  assert.equal(carry(points, "2026-11-24", row({})), "moved");
  assert.deepEqual(points[2], [2, 10_200, 10_100, 300, 309_500]);
});

test("another day, or a minute that was missed, asks for the whole line again", () => {
  const points = [[0, 10_000, 10_000, 600, 600_000]];
  assert.equal(carry(points, "2026-11-23", row({})), "stale");
  assert.equal(carry(points, "2026-11-24", row({})), "stale");
  assert.equal(carry([], null, row({})), "stale");
});

test("a quote without a price, from before the auction's end, or from an earlier minute changes nothing", () => {
  const points = [[5, 10_000, 10_000, 600, 600_000]];
  assert.equal(carry(points, "2026-11-24", row({ last_milli: undefined })), "same");
  assert.equal(carry(points, "2026-11-24", row({ at: "2026-11-24T09:20:00+08:00" })), "same");
  assert.equal(carry(points, "2026-11-24", row({})), "same");
  assert.deepEqual(points, [[5, 10_000, 10_000, 600, 600_000]]);
});
