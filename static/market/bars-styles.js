// The chart library's colours, taken from the page's tokens: dark and light, and which ink means a rise.

/**
 * @param {ReturnType<typeof import("./chart-ink.js").readColours>} colours
 * @param {string} family
 */
export function stylesOf(colours, family) {
  const { up, down, flat, line, soft, text, surface, price, average, letters: size } = colours;
  const way = { upColor: up, downColor: down, noChangeColor: flat };
  const label = { family, size, color: soft };
  const grid = { color: line, style: "solid", size: 1 };
  const axis = { axisLine: { color: line }, tickLine: { color: line, show: false }, tickText: label };
  const cross = {
    line: { color: text },
    text: { family, size, color: surface, backgroundColor: text, borderColor: text },
  };
  const legend = { ...label, marginLeft: 4, marginTop: 2, marginRight: 4, marginBottom: 0, defaultValue: "--" };
  return {
    grid: { horizontal: grid, vertical: grid },
    candle: {
      type: "candle_up_stroke",
      bar: {
        ...way,
        upBorderColor: up,
        downBorderColor: down,
        noChangeBorderColor: flat,
        upWickColor: up,
        downWickColor: down,
        noChangeWickColor: flat,
      },
      priceMark: {
        high: { color: text, textFamily: family },
        low: { color: text, textFamily: family },
        last: { ...way, compareRule: "previous_close", text: { family, size, color: surface } },
      },
      // One bar is read out in the row above, in the page's own letters.
      tooltip: { showRule: "none", title: { show: false }, legend },
    },
    indicator: {
      ohlc: way,
      bars: [way],
      lines: [price, average, text, soft].map((color) => ({ color, size: 1, style: "solid", smooth: false })),
      tooltip: {
        offsetLeft: 2,
        offsetTop: 2,
        title: { ...label, marginLeft: 4, marginTop: 2, marginRight: 4, marginBottom: 0 },
        legend,
      },
    },
    xAxis: axis,
    yAxis: axis,
    separator: { color: line },
    crosshair: { horizontal: cross, vertical: cross },
  };
}
