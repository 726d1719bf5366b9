// Reads {"highs": [], "lows": [], "closes": []} and prints the curves of our chart indicators, for the tests on the server.
import { readFileSync } from "node:fs";
import { bollinger, kdj, macd, movingAverage, rsi } from "../../static/market/indicators.js";

const series = JSON.parse(readFileSync(0, "utf8"));
const curves = {
  ma5: movingAverage(series.closes, 5),
  ma60: movingAverage(series.closes, 60),
  ...macd(series.closes),
  ...kdj(series),
  rsi6: rsi(series.closes, 6),
  rsi24: rsi(series.closes, 24),
  ...bollinger(series.closes),
};
process.stdout.write(JSON.stringify(curves));
