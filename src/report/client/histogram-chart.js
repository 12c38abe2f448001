import { axisOf, colour } from "./palette.js";
import { axisTexts, numberText } from "./text.js";

/** Makes an interactive histogram: counts as bars, the normal curve as a line. */
export function makeHistogram(spec, host) {
  const options = {
    width: host.clientWidth,
    height: spec.height,
    padding: [8, 28, 0, 0],
    cursor: { y: false, drag: { x: true, y: false }, points: { show: false } },
    scales: {
      x: { time: false, range: (_u, low, high) => [low - spec.width / 2, high + spec.width / 2] },
      y: { range: (_u, _low, high) => [0, Math.max(1, high ?? 1) * 1.06] },
    },
    axes: [
      axisOf({ size: 30, space: 70, values: (_u, at, _axis, _space, step) => axisTexts(at, step) }),
      axisOf({
        size: 74,
        space: 36,
        values: (_u, at, _axis, _space, step) => axisTexts(at, step),
      }),
    ],
    series: [
      {
        label: `Return, ${spec.unit}`,
        value: (_u, middle) => (middle === null ? "–" : binText(middle, spec)),
      },
      {
        label: "Returns in the bin",
        stroke: colour("line"),
        fill: colour("line-wash"),
        width: 1,
        paths: uPlot.paths.bars({ size: [1, Number.POSITIVE_INFINITY], gap: 1 }),
        points: { show: false },
        value: (_u, count) => numberText(count, 0),
      },
      {
        label: "Normal, same mean and deviation",
        stroke: colour("sell"),
        width: 1.6,
        paths: uPlot.paths.spline(),
        points: { show: false },
        value: (_u, count) => numberText(count, 1),
      },
    ],
  };
  return new uPlot(options, [spec.x, spec.counts, spec.normal], host);
}

function binText(middle, spec) {
  const [low, high] = [middle - spec.width / 2, middle + spec.width / 2];
  return `${numberText(low, spec.decimals)} to ${numberText(high, spec.decimals)}`;
}
