// Draws each [data-chart] with ECharts from the JSON beside it. The table under the chart holds the same rows, so a
// browser without script, or a reader who cannot see the drawing, loses nothing; hence no tooltip is needed either.

const style = getComputedStyle(document.documentElement);
const token = (name) => style.getPropertyValue(name).trim();
const palette = [1, 2, 3, 4, 5].map((number) => token(`--series-${number}`));
const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
const font = { color: token("--ink-soft"), fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 13 };

function seriesOf(chart) {
  const several = chart.columns.length > 2;
  return chart.columns.slice(1).map((name, index) => ({
    name,
    type: chart.kind === "line" ? "line" : "bar",
    stack: chart.kind === "stacked" ? "all" : undefined,
    barMaxWidth: 36,
    symbol: ["circle", "rect", "triangle", "diamond", "emptyCircle"][index],
    symbolSize: 8,
    lineStyle: { width: 2.5 },
    label: { ...font, show: !several, position: "top", backgroundColor: token("--sheet"), padding: [0, 2] },
    encode: { x: 0, y: index + 1 },
  }));
}

function targetOf(chart) {
  return {
    name: chart.target.label,
    type: "line",
    data: chart.rows.map((row) => [row[0], chart.target.value]),
    symbol: "none",
    silent: true,
    lineStyle: { color: token("--ink"), type: "dashed", width: 2 },
    z: 1,
  };
}

function optionsOf(chart) {
  const series = seriesOf(chart);
  if (chart.target) series.push(targetOf(chart));
  return {
    animation: !still,
    animationDuration: 300,
    color: palette,
    textStyle: font,
    grid: { left: 8, right: 16, top: 32, bottom: 8, containLabel: true },
    dataset: { source: [chart.columns, ...chart.rows] },
    xAxis: {
      type: "category",
      axisLabel: { ...font, hideOverlap: true },
      axisLine: { lineStyle: { color: token("--line-control") } },
      axisTick: { show: false },
    },
    yAxis: {
      type: "value",
      name: chart.unit ?? "",
      nameTextStyle: { ...font, align: "left" },
      min: 0,
      max: chart.unit === "%" ? 100 : undefined,
      axisLabel: font,
      splitLine: { lineStyle: { color: token("--line") } },
    },
    series,
  };
}

for (const place of document.querySelectorAll("[data-chart]")) {
  const chart = JSON.parse(document.getElementById(place.dataset.chart).textContent);
  if (!chart.rows.length) continue;
  const drawing = window.echarts.init(place);
  drawing.setOption(optionsOf(chart));
  new ResizeObserver(() => drawing.resize()).observe(place);
}
