import { ourProgram, Rounds, type What } from "../ring/measure.ts";
import type { Program } from "./interleave.ts";
import type { PeerBenchOptions, PeerReport, PeerRow } from "./report.ts";
import { javaClassPath, PeerMissing } from "./workspace.ts";

const ARTIFACT = "com.lmax:disruptor:4.0.0";
const PEER = "Disruptor 4.0.0";

/** By name the arguments of `ring-once.ts`. */
const OURS: Readonly<Record<string, readonly string[]>> = {
  "batch 64": ["stream", "batch"],
  "each message": ["stream", "each"],
  adaptive: ["stream", "adaptive"],
  "batch 64, 4 k": ["stream", "batch", "4096", "1"],
  "1 to 2": ["stream", "batch", "65536", "2"],
  trips: ["trips", "spin"],
};

/** By name the arguments of `DisruptorRing`. */
const THEIRS: Readonly<Record<string, readonly string[]>> = {
  "Yielding, batch 64": ["stream", "batch", "yielding"],
  "BusySpin, batch 64": ["stream", "batch", "busySpin"],
  "Yielding, each message": ["stream", "each", "yielding"],
  "BusySpin, each message": ["stream", "each", "busySpin"],
  "BusySpin, each message, 4 k": ["stream", "each", "busySpin", "4096"],
  "Yielding, batch 64, 1 to 2": ["stream", "batch", "yielding", "65536", "2"],
  "Yielding, each message, 1 to 2": ["stream", "each", "yielding", "65536", "2"],
  "BusySpin, trips": ["trips", "busySpin"],
  "Yielding, trips": ["trips", "yielding"],
};

/** A row: its name, ours, theirs, and what the ratio must and should reach. */
type RowPlan = readonly [
  name: string,
  ours: string,
  theirs: string,
  what: What,
  floor?: number,
  aim?: number,
];

const ROWS: readonly RowPlan[] = [
  ["batch 64 on both sides", "batch 64", "Yielding, batch 64", "rate", 0.5, 0.85],
  ["batch 64 on both sides", "batch 64", "BusySpin, batch 64", "rate"],
  ["batch 64, theirs each message", "batch 64", "Yielding, each message", "rate", 0.5, 0.8],
  ["each message on both sides", "each message", "Yielding, each message", "rate"],
  ["each message on both sides", "each message", "BusySpin, each message", "rate"],
  ["adaptive, theirs each message", "adaptive", "Yielding, each message", "rate"],
  ["rings of 4 k, theirs each message", "batch 64, 4 k", "BusySpin, each message, 4 k", "rate", 4, 8],
  ["1 to 2 consumers", "1 to 2", "Yielding, batch 64, 1 to 2", "rate", 0.3, 0.55],
  ["1 to 2 consumers, theirs each", "1 to 2", "Yielding, each message, 1 to 2", "rate", 0.3, 0.5],
  ["one way, p50", "trips", "BusySpin, trips", "p50Ns", 1.3, 1],
  ["one way, p99", "trips", "BusySpin, trips", "p99Ns", 1.3, 1.1],
  ["one way, p99.9", "trips", "BusySpin, trips", "p999Ns"],
  ["one way, p50", "trips", "Yielding, trips", "p50Ns"],
];

/** Our ring against the Disruptor, 64 k slots, 8 doubles an event, written and summed; fresh processes in turn. */
export function benchRing(options: PeerBenchOptions): PeerReport {
  const rounds = options.rounds ?? (options.quick ? 3 : 5);
  const theirs = disruptor(options.note);
  if (typeof theirs === "string") {
    return { bench: "ring", rounds: 0, rows: [], findings: [theirs], foreignCores: 0, failed: false };
  }
  const ours = Object.entries(OURS).map(([name, args]) => ourProgram(name, ...args));
  const measured = new Rounds([...ours, ...theirs], rounds, options.note);
  const shared = measured.names().flatMap((name) => measured.sharedOf(name) ?? []);
  const findings = [
    "every consumer's sum of all numbers was checked, on both sides",
    `${measured.repeated} shots were taken again: their threads had less than 1.7 cores`,
    ...(shared.length === 0
      ? []
      : [`rounds that never had them, left out where others had: ${shared.join("; ")}`]),
  ];
  const rows = ROWS.map((plan) => rowOf(measured, plan));
  return { bench: "ring", rounds, rows, findings, foreignCores: measured.foreignCores, failed: false };
}

function rowOf(measured: Rounds, [name, ours, theirs, what, floor, aim]: RowPlan): PeerRow {
  const pair = measured.pair(ours, theirs, what);
  const perSecond = what === "rate" ? 1e6 : 1;
  return {
    name,
    ours: scaled(pair.ours, perSecond),
    unit: what === "rate" ? "messages/s" : "ns",
    peer: `${PEER} ${theirs}`,
    peerValue: scaled(pair.theirs, perSecond),
    ratio: pair.ratio,
    counted: pair.rounds,
    ...(floor === undefined ? {} : { floor }),
    ...(aim === undefined ? {} : { aim }),
  };
}

function scaled<Figures extends { median: number; min: number; max: number }>(
  { median, min, max }: Figures,
  by: number,
): { median: number; min: number; max: number } {
  return { median: median * by, min: min * by, max: max * by };
}

/** The programs of the Disruptor; a sentence where there is no JDK, or no Maven. */
function disruptor(note: (text: string) => void): Program[] | string {
  try {
    const classPath = javaClassPath("DisruptorRing.java", ARTIFACT, note);
    return Object.entries(THEIRS).map(([name, args]) => {
      return { name, command: "java", args: ["-cp", classPath, "DisruptorRing", ...args] };
    });
  } catch (error) {
    if (!(error instanceof PeerMissing)) throw error;
    return `left out: ${error.message}`;
  }
}
