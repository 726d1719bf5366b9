// Where a day's line, five days and the strips stand on the axis, and what a finger finds there.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Axis, spotNear, spotsOf } from "../../static/market/intraday-spots.js";

const point = (slot, price = 10_000) => [slot, price, price, 100, 1_000];
const shown = (changed) => ({
  days: [{ day: "2026-11-24", points: [0, 1, 120].map((slot) => point(slot)) }],
  room: 1,
  calls: [],
  after: [],
  hasCalls: false,
  hasAfter: false,
  ...changed,
});

test("a day has 241 fixed places, and noon is its middle", () => {
  const axis = new Axis(480, shown({}));
  assert.deepEqual(
    [0, 120, 240].map((slot) => axis.slotX(0, slot)),
    [0, 240, 480],
  );
});

test("five days have a fifth each, whether or not they have happened", () => {
  const axis = new Axis(500, shown({ room: 5 }));
  assert.deepEqual(
    [0, 1, 4].map((day) => axis.slotX(day, 0)),
    [0, 100, 400],
  );
  assert.deepEqual(
    axis.labels(["11-23", "11-24"]).map(({ text, x }) => [text, x]),
    [
      ["11-23", 50],
      ["11-24", 150],
    ],
  );
});

test("the strips stand beside the day and take nothing of its order", () => {
  const given = shown({
    calls: [
      [0, 10_000, 100, 0],
      [580, 10_100, 900, -50],
    ],
    after: [
      [1, 100, 1_000],
      [25, 300, 3_000],
    ],
    hasCalls: true,
    hasAfter: true,
  });
  const axis = new Axis(500, given);
  const spots = spotsOf(axis, given);
  assert.deepEqual(
    spots.map((spot) => spot.kind),
    ["call", "call", "line", "line", "line", "after", "after"],
  );
  assert.deepEqual(
    spots.map((spot) => spot.time),
    ["09:15:00", "09:24:40", "09:30", "09:31", "11:30", "15:06", "15:30"],
  );
  assert.equal(spots[6].x, 500);
  for (let index = 1; index < spots.length; index += 1) assert.ok(spots[index].x >= spots[index - 1].x);
});

test("a finger finds the nearest place that has a price, never one beyond now", () => {
  const axis = new Axis(240, shown({}));
  const spots = spotsOf(axis, shown({}));
  assert.deepEqual(
    [-5, 0.4, 0.6, 10, 239].map((x) => spotNear(spots, x)),
    [0, 0, 1, 1, 2],
  );
  assert.equal(spotNear([], 10), -1);
});
