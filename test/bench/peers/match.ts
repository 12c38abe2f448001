import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { publishedFlow } from "../flows/published-flow.ts";
import { figure, interleave, type Program, type Shot, type Spread, spread } from "./interleave.ts";
import type { PeerBenchOptions, PeerReport, PeerRow } from "./report.ts";
import { folder, javaClassPathWhole, PeerMissing, ROOT } from "./workspace.ts";

const ARTIFACT = "exchange.core2:exchange-core:0.5.3";
const PEER = "exchange-core 0.5.3, direct order book";
const PASSES = "10";
/** What both sides have to agree in. */
const RESULTS = ["trades", "lots", "live"] as const;

/** Our matching against exchange-core's on the mix it publishes its figures for; fresh processes in turn. */
export function benchMatch(options: PeerBenchOptions): PeerReport {
  const rounds = options.rounds ?? (options.quick ? 3 : 5);
  const n = options.rows ?? (options.quick ? 200_000 : 1_000_000);
  const path = join(folder("match"), `published-${n}.bin`);
  writeFileSync(path, new Uint8Array(publishedFlow(n, 5).buffer));
  const theirs = javaProgram(path, options.note);
  if (typeof theirs === "string") {
    return { bench: "match", rounds: 0, rows: [], findings: [theirs], foreignCores: 0, failed: false };
  }
  const script = join(ROOT, "test/bench/match-once.ts");
  const ours: Program = {
    ...{ name: "ours", command: process.execPath },
    args: ["--conditions=tickwright-source", script, path, PASSES],
  };
  const [own = [], other = []] = interleave([ours, theirs], rounds, options.note);
  const differing = RESULTS.filter((name) =>
    own.some((shot, i) => figure(shot, name) !== figure(other[i] as Shot, name)),
  );
  const foreignCores = Math.max(...[...own, ...other].map((shot) => shot.foreignCores ?? 0));
  const perSecond = (shot: Shot): number => (1e9 * figure(shot, "units")) / figure(shot, "elapsedNs");
  const rows = [
    row("the published mix", "commands/s", [own, other], perSecond, { floor: 1 }),
    ...(["p50Ns", "p99Ns", "p999Ns"] as const).map((name) =>
      row(
        name.slice(0, -2),
        "ns",
        [own, other],
        (shot) => figure(shot, name),
        name === "p99Ns" ? { floor: 1 } : {},
      ),
    ),
  ];
  const first = own[0] as Shot;
  const told = RESULTS.map((name) => `${name} ${figure(first, name)}`).join(", ");
  const findings = [
    differing.length === 0 ? `equal on both sides: ${told}` : `THE SIDES DIFFER in ${differing.join(", ")}`,
    "time and latency are of the matching alone, no risk, no rings: one thread, the best of the passes",
  ];
  return { bench: "match", rounds, rows, findings, foreignCores, failed: differing.length > 0 };
}

function row(
  name: string,
  unit: string,
  [own, other]: readonly [readonly Shot[], readonly Shot[]],
  of: (shot: Shot) => number,
  limits: { readonly floor?: number },
): PeerRow {
  const ratio: Spread = spread(own.map((shot, i) => of(shot) / of(other[i] as Shot)));
  return {
    name,
    ours: spread(own.map(of)),
    unit,
    peer: PEER,
    peerValue: spread(other.map(of)),
    ratio,
    ...limits,
  };
}

/** The direct order book; a sentence where there is no JDK, or no Maven. */
function javaProgram(path: string, note: (text: string) => void): Program | string {
  try {
    const classPath = javaClassPathWhole("ExchangeCoreBook.java", ARTIFACT, note);
    return { name: PEER, command: "java", args: ["-cp", classPath, "ExchangeCoreBook", path, PASSES] };
  } catch (error) {
    if (!(error instanceof PeerMissing)) throw error;
    return `left out: ${error.message}`;
  }
}
