import { resolve } from "node:path";
import { isRefusal } from "../base/index.ts";
import { type ClockFinding, localDisk, measureSync, surveyClock } from "../host/index.ts";
import type { Currency } from "../model/index.ts";
import type { KillLatch } from "../risk/index.ts";
import { drill } from "./drill.ts";
import { type KillReadiness, killLacking } from "./live-refusals.ts";
import type { PaperGate } from "./paper-gate.ts";
import { type PreflightCheck, type PreflightReport, type PreflightWaiver, preflight } from "./preflight.ts";
import { check, guarded } from "./preflight-check.ts";
import { feedChecks } from "./preflight-feeds.ts";
import { filterChecks, limitChecks, rateCheck } from "./preflight-limits.ts";
import { type PreflightVenue, type VenueLook, venueChecks } from "./preflight-venue.ts";
import type { TraderPlan } from "./trader-options.ts";

const MS = 1_000_000;
const DAY_NS = 86_400_000_000_000n;

/** Bounds of a preflight. */
export interface PreflightRules {
  /** 50 ms unless given. @units ns */
  readonly clockBoundNsMax?: number;
  /** Of a venue's clock against ours, its answer's way included; 1 s unless given. @units ns */
  readonly venueClockNsMax?: number;
  /** A feed is heard of within that; 5 s unless given. @units ns */
  readonly feedWaitNs?: number;
  /** 1 GiB unless given. */
  readonly diskBytesMin?: number;
  /** The 99th percentile of a sync; 100 ms unless given, a tenth of it warns. @units ns */
  readonly syncNsMax?: number;
  /** A recovery that takes longer fails; 60 s unless given. @units ms */
  readonly rtoMaxMs?: number;
  /** A backtest that is older warns; 30 unless given. @units days */
  readonly backtestDaysMax?: number;
}

/** What a preflight looks at beside a trader's own options. */
export interface PreflightParts {
  readonly venues: readonly PreflightVenue[];
  readonly kill?: KillReadiness;
  /** Of the strategies' code as it is now: what the paper gate was passed with must be equal. */
  readonly codeHash?: string;
  readonly gate?: PaperGate;
  /** Who lets it start without days on paper; nobody unless given. */
  readonly waivers?: readonly PreflightWaiver[];
  /** When these strategies were last tested on recorded data. @units epoch ns */
  readonly backtestedNs?: bigint;
  /** Kills of the recovery drill, 0 for none; 2 unless given. */
  readonly drillKills?: number;
  /** Where the drill's journal goes: a new folder on the disk that trading will use. */
  readonly drillFolder?: string;
  /** A survey of this machine's clock unless given. */
  readonly clock?: () => Promise<ClockFinding | undefined>;
  readonly rules?: PreflightRules;
}

/**
 * Looks at everything that a live start depends on, and says what was found, expected and to be done: the clock, feeds,
 * venues and what their keys may do, balances, limits beside the venues' own, the disk, recovery, the kill switch, the
 * paper gate. Clients are opened, asked and closed; nothing is sent.
 *
 * @cost Seconds: a feed is waited for, a drill kills processes.
 */
export async function runPreflight(plan: TraderPlan, parts: PreflightParts): Promise<PreflightReport> {
  const { rules = {} } = parts;
  const { risk } = plan.session;
  const limits = risk?.limits ?? [];
  let ticks: ReadonlyMap<string, number> = new Map();
  const looks: VenueLook[] = [];
  const groups = await Promise.all([
    guarded("clock", () => clockChecks(parts, rules)),
    guarded("feeds", async () => {
      const look = await feedChecks(plan, rules.feedWaitNs ?? 5_000 * MS);
      ticks = look.ticks;
      return look.checks;
    }),
    ...parts.venues.map((venue, i) =>
      guarded(`venue.${i}`, async () => {
        const look = await venueChecks(plan, venue, rules.venueClockNsMax ?? 1_000 * MS);
        looks.push(look);
        return look.checks;
      }),
    ),
    guarded("limits", async () => limitChecks(risk?.limits)),
    guarded("disk", async () => diskChecks(plan, rules)),
    guarded("kill", () => killChecks(risk?.kill?.latch, parts.kill)),
    guarded("paper", async () => gateChecks(plan, parts, rules)),
  ]);
  for (const { path, capabilities, filtered } of looks) {
    groups.push([rateCheck(path, capabilities, limits)]);
    for (const each of filtered) {
      const of = { ...each, ticks: ticks.get(each.instrument.key) ?? 0 };
      groups.push(filterChecks(of, limits, currencyOf(risk?.currency)));
    }
  }
  // Last, and alone: it takes the machine's processors and its disk.
  const last = await guarded("recovery", () => drillChecks(plan, parts, rules));
  return preflight([...groups.flat(), ...last], parts.waivers);
}

function currencyOf(currency: Currency | string | undefined): string | undefined {
  return typeof currency === "object" ? currency.code : currency;
}

async function clockChecks(
  { clock }: PreflightParts,
  rules: PreflightRules,
): Promise<readonly PreflightCheck[]> {
  const finding = clock === undefined ? await survey() : await clock();
  const most = rules.clockBoundNsMax ?? 50 * MS;
  const expected = `at most ${most / MS} ms from UTC`;
  const change = "run chronyd or ptp4l, and let it settle";
  if (finding?.boundNs === undefined) {
    // A venue's own clock is compared as well: see `venue.clock`.
    return [check("clock.bound", "warn", finding?.state ?? "nothing is known of it", expected, change)];
  }
  const measured = `${(finding.boundNs / MS).toFixed(3)} ms, ${finding.state}, by ${finding.source}`;
  const isBad = finding.boundNs > most || finding.state === "stepped" || finding.state === "outOfTolerance";
  return [check("clock.bound", isBad ? "fail" : "ok", measured, expected, change)];
}

async function survey(): Promise<ClockFinding | undefined> {
  const { finding } = await surveyClock();
  return isRefusal(finding) ? undefined : finding;
}

function diskChecks({ folder, journal }: TraderPlan, rules: PreflightRules): readonly PreflightCheck[] {
  const disk = journal.disk ?? localDisk;
  const isThere = disk.list(folder) !== undefined;
  if (!isThere) disk.makeFolder(folder);
  const free = disk.freeBytes(folder);
  const least = rules.diskBytesMin ?? 2 ** 30;
  const lock = `${folder}/journal.lock`;
  disk.lock(lock);
  disk.unlock(lock);
  const { p99Ns } = measureSync(folder, { samples: 20, disk });
  const most = rules.syncNsMax ?? 100 * MS;
  const state = p99Ns > most ? "fail" : p99Ns > most / 10 ? "warn" : "ok";
  return [
    check(
      "disk.free",
      free < least ? "fail" : "ok",
      `${free} bytes`,
      `at least ${least} bytes`,
      "make room, or take another disk",
    ),
    check(
      "disk.sync",
      state,
      `${(p99Ns / MS).toFixed(1)} ms (p99 of 20)`,
      `at most ${most / MS} ms`,
      "a faster disk, or the policy `replicated`",
    ),
    check("journal.lock", "ok", "free", "nobody else writes the journal"),
  ];
}

async function killChecks(
  latch: KillLatch | undefined,
  kill: KillReadiness | undefined,
): Promise<readonly PreflightCheck[]> {
  const expected = "an agent on the session's latch that has rehearsed and reaches every venue";
  const [lack] = await killLacking(latch, kill);
  if (lack !== undefined)
    return [check("kill.agent", "fail", lack.message, expected, "start the agent, and look at its sessions")];
  const isOff =
    latch?.read() === 0 ||
    latch === undefined ||
    !Array.from({ length: latch.scopes }, (_, i) => latch.levelOf(i)).some((level) => level > 0);
  return [
    check("kill.agent", "ok", `armed, ${kill?.status.venues.length} venues`, expected),
    check(
      "kill.latch",
      isOff ? "ok" : "fail",
      isOff ? "open" : "closed",
      "open",
      "somebody killed: lift it with two persons",
    ),
  ];
}

function gateChecks(
  plan: TraderPlan,
  { gate, codeHash, backtestedNs }: PreflightParts,
  rules: PreflightRules,
): readonly PreflightCheck[] {
  const checks = [gateCheck(gate)];
  const isSame = codeHash !== undefined && gate?.codeHash === codeHash;
  const code =
    gate === undefined || codeHash === undefined
      ? "not known"
      : isSame
        ? "equal"
        : `${codeHash}, not ${gate.codeHash}`;
  checks.push(
    check(
      "paper.code",
      isSame ? "ok" : "fail",
      code,
      "the code that passed on paper",
      "trade the new code on paper first",
    ),
  );
  const most = rules.backtestDaysMax ?? 30;
  const now = plan.time.baseNs + BigInt(plan.time.nowNs());
  const days = backtestedNs === undefined ? undefined : Number((now - backtestedNs) / DAY_NS);
  const state = days !== undefined && days <= most ? "ok" : "warn";
  const measured = days === undefined ? "never, as far as is known" : `${days} days ago`;
  checks.push(check("backtest.age", state, measured, `at most ${most} days ago`, "run the backtest again"));
  return checks;
}

function gateCheck(gate: PaperGate | undefined): PreflightCheck {
  const change = "trade on paper longer, explain what differs, or have fewer days approved (30 at least)";
  const expected = "90 days, or 30 with a recorded approval, and nothing unexplained against a backtest";
  if (gate === undefined) return check("paper.gate", "fail", "no report", expected, change);
  const approved = gate.approval === undefined ? "" : `, approved by ${gate.approval.by}`;
  const measured = `${gate.days} days, ${gate.unexplained} unexplained${approved}`;
  return check("paper.gate", gate.isPassed ? "ok" : "fail", measured, expected, change);
}

async function drillChecks(
  plan: TraderPlan,
  parts: PreflightParts,
  rules: PreflightRules,
): Promise<readonly PreflightCheck[]> {
  const kills = parts.drillKills ?? 2;
  const expected = "nothing lost, nothing sent twice, back in time";
  if (kills === 0) return [check("recovery.drill", "warn", "left out", expected, "drill before you trade")];
  const folder = parts.drillFolder ?? `${resolve(plan.folder)}.drill-${plan.time.nowNs()}`;
  const { failures, figures } = await drill({ folder, kills, rtoMaxMs: rules.rtoMaxMs ?? 60_000 });
  const measured =
    failures.length > 0
      ? failures.join("; ")
      : `back after ${figures.rtoMs.max.toFixed(0)} ms at worst, ${kills} kills`;
  return [
    check("recovery.drill", failures.length > 0 ? "fail" : "ok", measured, expected, `look at ${folder}`),
  ];
}
