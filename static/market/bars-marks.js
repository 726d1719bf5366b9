// Ex days among the candles: 息 where cash went off, 权 where shares came, 除 for both, at the foot of their candle.
import { registerIndicator } from "klinecharts";

/** @typedef {import("klinecharts").KLineData} Bar */

export const EX_MARKS = "EX_MARKS";
const LETTERS = /** @type {Record<string, string>} */ ({ XD: "息", XR: "权", DR: "除" });
const PAD_PX = 3;

/**
 * Lay marks on the bars they belong to.
 * @param {Bar[]} bars changed in place
 * @param {import("./bars-data.js").Mark[]} marks
 */
export function layMarks(bars, marks) {
  const byStamp = new Map(marks.map((mark) => [mark.at * 1000, mark]));
  for (const bar of bars) {
    const mark = byStamp.get(bar.timestamp);
    if (mark) Object.assign(bar, { letter: LETTERS[mark.kind] ?? "除", mark: mark.title });
  }
  return bars;
}

/** @param {import("klinecharts").IndicatorDrawParams<any, any, any>} given */
function draw({ ctx, chart, bounding, xAxis }) {
  const { tickText, axisLine } = chart.getStyles().xAxis;
  const size = Math.round(Number(tickText.size));
  const side = size + 2 * PAD_PX;
  const { realFrom, realTo } = chart.getVisibleRange();
  const bars = chart.getDataList();
  ctx.save();
  ctx.font = `${size}px ${tickText.family}`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  for (let index = Math.max(0, realFrom); index < Math.min(realTo, bars.length); index += 1) {
    const letter = bars[index]?.letter;
    if (!letter) continue;
    const x = Math.min(Math.max(xAxis.convertToPixel(index), side / 2), bounding.width - side / 2);
    const top = bounding.height - side - 1;
    ctx.fillStyle = String(axisLine.color);
    ctx.fillRect(x - side / 2, top, side, side);
    ctx.fillStyle = String(tickText.color);
    ctx.fillText(String(letter), x, top + side / 2 + 1);
  }
  ctx.restore();
  return true;
}

/**
 * Make the marks known to the library: a curve without figures that draws itself. Its legend is empty, but the library
 * asks for it whenever the crosshair comes, moves or goes, so it passes on which bar is being read (-1 for none).
 */
export function registerMarks() {
  registerIndicator({
    name: EX_MARKS,
    shortName: "",
    series: "price",
    figures: [],
    calc: (bars) => bars.map(() => ({})),
    createTooltipDataSource: ({ indicator, crosshair }) => {
      const tell = /** @type {((index: number) => void) | undefined} */ (indicator.extendData);
      tell?.(crosshair.paneId === undefined ? -1 : (crosshair.dataIndex ?? -1));
      return { name: "", calcParamsText: "", features: [], legends: [] };
    },
    draw,
  });
}
