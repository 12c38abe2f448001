import { colour } from "./palette.js";
import { exactText, momentText, numberText } from "./text.js";

/** The kinds of fill, as the page's data numbers them: bit 0 sell, bit 1 maker. */
export const FILL_KINDS = ["Buy, taker", "Sell, taker", "Buy, maker", "Sell, maker"];

/** The colour of a fill by its kind. */
export function fillColour(kind) {
  return colour(kind % 2 === 0 ? "buy" : "sell");
}

/** Draws the fills in view as triangles: buys point up, sells down, takers are solid, makers hollow. */
export function drawFills(u, spec) {
  const { fills, x0 } = spec;
  const { min, max } = u.scales.x;
  const ratio = devicePixelRatio;
  const seen = [];
  for (let i = 0; i < fills.x.length; i += 1) {
    const at = x0 + fills.x[i];
    if (at >= min && at <= max && u.series[fills.kind[i] + 2].show) seen.push(i);
  }
  const size = (seen.length > 1_500 ? 2.6 : seen.length > 300 ? 3.4 : 5) * ratio;
  const { ctx } = u;
  ctx.save();
  ctx.beginPath();
  ctx.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height);
  ctx.clip();
  ctx.lineWidth = (seen.length > 300 ? 1 : 1.4) * ratio;
  for (const i of seen) {
    const kind = fills.kind[i];
    const x = u.valToPos(x0 + fills.x[i], "x", true);
    const y = u.valToPos(fills.price[i], "y", true);
    const tip = kind % 2 === 0 ? -size : size;
    ctx.beginPath();
    ctx.moveTo(x, y + tip);
    ctx.lineTo(x - size, y - tip);
    ctx.lineTo(x + size, y - tip);
    ctx.closePath();
    ctx.fillStyle = kind < 2 ? fillColour(kind) : colour("paper");
    ctx.strokeStyle = fillColour(kind);
    ctx.fill();
    ctx.stroke();
  }
  ctx.restore();
}

/** The place of the shown fill nearest to the cursor, within 12 pixels; -1 where there is none. */
export function nearestFill(u, spec) {
  const { left, top } = u.cursor;
  const { fills, x0 } = spec;
  if (left === undefined || left === null || left < 0) return -1;
  const reach = 12;
  const low = u.posToVal(left - reach, "x") - x0;
  const high = u.posToVal(left + reach, "x") - x0;
  let [best, distance] = [-1, reach * reach];
  for (let i = firstFrom(fills.x, low); i < fills.x.length && fills.x[i] <= high; i += 1) {
    if (!u.series[fills.kind[i] + 2].show) continue;
    const dx = u.valToPos(x0 + fills.x[i], "x") - left;
    const dy = u.valToPos(fills.price[i], "y") - top;
    if (dx * dx + dy * dy < distance) [best, distance] = [i, dx * dx + dy * dy];
  }
  return best;
}

function firstFrom(sorted, value) {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Describes one fill in a line. */
export function fillText(spec, i) {
  const { fills } = spec;
  const moment = momentText(spec.x0 + fills.x[i], 0);
  const [side, liquidity] = FILL_KINDS[fills.kind[i]].toLowerCase().split(", ");
  const deal = `${side} ${exactText(fills.quantity[i])} at ${exactText(fills.price[i])} ${spec.unit}`;
  const fee = `fee ${numberText(fills.fee[i], 6).replace(/0{1,4}$/, "")} ${fills.currency}`;
  return `${moment} · ${deal} · ${liquidity}, ${fills.reasons[fills.reason[i]]} · ${fee}`;
}
