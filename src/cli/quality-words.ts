import type { QualityNumbers, QualityReport, QualityVerdict } from "../feed/index.ts";

/** A day's completeness report and the gate's verdict, in lines. */
export function qualityLines(report: QualityReport, verdict: QualityVerdict): string[] {
  const { symbol, date, gaps } = report;
  const shown = gaps.slice(0, 10).map(({ channel, fromNs, toNs, firstMissing, lastMissing }) => {
    const seconds = (Number(BigInt(toNs) - BigInt(fromNs)) / 1e9).toFixed(3);
    return `    ${clock(fromNs)} ${channel} ${firstMissing} to ${lastMissing}, ${seconds} s`;
  });
  const flags = Object.entries(report.flags).map(([reason, count]) => `${reason} ${count}`);
  return [
    `${date} ${symbol}  ${verdict.pass ? "pass" : "FAIL"}`,
    `  lines     ${count(report.lines)}, ${clock(report.fromNs)} to ${clock(report.toNs)}, heard ${hours(report.heardNs)}`,
    numbers("depth", report.depth),
    numbers("trades", report.trades),
    numbers("quotes", report.quotes),
    `  silence   ${seconds(report.longestSilenceNs)} at ${clock(report.longestSilenceFromNs)}`,
    `  book      down ${seconds(report.bookDownNs)}, ${report.snapshots} snapshots, ${report.resyncs} resyncs`,
    `  wrong     ${report.malformed} malformed, ${report.wrongSymbol} other symbols, ${report.timeBackwards} times back, ` +
      `${report.timeApart} times apart, ${report.offGrid} off the grid, ${report.crossed} crossed`,
    `  clock     least latency ${millis(report.leastLatencyNs)}, apart by hour ${millis(report.skewSpanNs)}`,
    `  flags     ${flags.length === 0 ? "none" : flags.join(", ")}`,
    ...(report.tornSegments === 0 ? [] : [`  torn      ${report.tornSegments} segments`]),
    ...(shown.length === 0 ? [] : ["  gaps", ...shown]),
    ...(gaps.length > shown.length ? [`    and ${gaps.length - shown.length} more`] : []),
    ...verdict.reasons.map(
      ({ code, what, measured, limit }) => `  ${code}: ${what} ${figure(measured)}, limit ${limit}`,
    ),
  ];
}

function numbers(name: string, of: QualityNumbers): string {
  const odd = `${of.gaps} gaps, ${of.duplicates} again, ${of.outOfOrder} out of order`;
  return `  ${name.padEnd(9)} ${count(of.recorded)} of ${count(of.expected)} numbers, ${count(of.missing)} missing, ${odd}`;
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}

function figure(value: number): string {
  return Number.isInteger(value) ? count(value) : value.toPrecision(4);
}

function clock(ns: string): string {
  return new Date(Number(BigInt(ns) / 1_000_000n)).toISOString().slice(11, 23);
}

function seconds(ns: number): string {
  return `${(ns / 1e9).toFixed(3)} s`;
}

function millis(ns: number): string {
  return `${(ns / 1e6).toFixed(3)} ms`;
}

function hours(ns: number): string {
  return `${(ns / 3.6e12).toFixed(2)} h`;
}
