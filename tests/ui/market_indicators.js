// Reads {"highs": [], "lows": [], "closes": [], "volumes": []} and prints the curves of our chart indicators by the names
// that the cases of ../shared/vectors use, for the tests on the server.
import { readFileSync } from "node:fs";
import * as indicators from "../../static/market/indicators.js";

const series = JSON.parse(readFileSync(0, "utf8"));
const { closes, volumes } = series;
const macd = indicators.macd(closes);
const kdj = indicators.kdj(series);
const [population, sample] = [0, 1].map((removed) => indicators.bollinger(closes, 20, 2, removed));
const numbered = (name, measure, counts) => Object.fromEntries(counts.map((n) => [`${name}${n}`, measure(closes, n)]));
const curves = {
  ...numbered("MA", indicators.movingAverage, [5, 10, 20, 60]),
  ...numbered("EMA", indicators.exponentialAverage, [12, 26]),
  ...numbered("RSI", indicators.rsi, [6, 12, 24]),
  DIF: macd.dif,
  DEA: macd.dea,
  MACD: macd.macd,
  K: kdj.k,
  D: kdj.d,
  J: kdj.j,
  BOLL_MID: population.middle,
  BOLL_UP_ddof0: population.upper,
  BOLL_LOW_ddof0: population.lower,
  BOLL_UP_ddof1: sample.upper,
  BOLL_LOW_ddof1: sample.lower,
  WR10: indicators.williams(series),
  BIAS6: indicators.bias(closes),
  CCI14: indicators.commodityChannel(series),
  ATR20: indicators.trueRangeAverage(series, 20),
  VOL_MA5: indicators.movingAverage(volumes, 5),
  BBI: indicators.bullBear(closes),
  ...indicators.onBalance(closes, volumes),
  ...indicators.psychological(closes),
  ...indicators.rateOfChange(closes),
  ...indicators.directional(series),
};
process.stdout.write(JSON.stringify(curves));
