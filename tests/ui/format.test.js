// The browser's formats keep the table of cases that the server's keep too.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as format from "../../static/_ui/format.js";

const cases = JSON.parse(readFileSync(new URL("format_cases.json", import.meta.url), "utf8"));
const camel = (name) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());

for (const [name, rows] of Object.entries(cases)) {
  test(`${name} writes what the table says`, () => {
    for (const row of rows) assert.equal(format[camel(name)](...row.is), row.gives, JSON.stringify(row.is));
  });
}
