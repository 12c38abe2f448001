import { checkArray, checkText, Fault, isRefusal, type Refusal } from "../base/index.ts";
import type { KernelRisk } from "../kernel/index.ts";
import type { ControlAnswer, Person } from "../risk/index.ts";
import {
  type KillReadiness,
  killLacking,
  type LiveRefusalCode,
  liveLacking,
  preflightLacking,
} from "./live-refusals.ts";
import { checkStages, type LiveStages, type SavedStages, StageClock, shareOf } from "./live-stages.ts";
import type { PreflightReport } from "./preflight.ts";
import { Trader } from "./trader.ts";
import type { SavedHolds } from "./trader-holds.ts";
import { planTrader, type TraderOptions } from "./trader-options.ts";
import type { TraderVenue } from "./trader-venue.ts";
import type { TradingSession } from "./trading-session.ts";

/** What a {@link LiveTrader} is made from. */
export interface LiveTraderOptions extends TraderOptions {
  /** One venue for each instrument: `linkedVenue`. */
  readonly venues: readonly TraderVenue[];
  /** Watches the latch in `risk.kill`, from a thread of its own. */
  readonly kill: KillReadiness;
  /** Made anew for each start; nothing starts unless it is green. */
  readonly preflight: () => Promise<PreflightReport> | PreflightReport;
  /** A graduated start; all of the limits from the first order unless given. */
  readonly stages?: LiveStages;
}

const PART = "live";

/** What outlives the process, beside what the kernel saves. */
interface SavedLive {
  readonly stages: SavedStages | null;
  readonly held: SavedHolds;
}

/**
 * Trades with real money: rows in from feeds, orders out to venues, nothing durable only in memory, nothing without a
 * limit.
 *
 * It does not start without explicit limits, a journal that outlives the power or the machine, a policy for stale
 * markets, a kill agent that has rehearsed and reaches every venue, and a green preflight: `lacking` names all that
 * lacks, `start` faults with the first. No order leaves an instrument before everything there was compared with its
 * venue, neither at the first start nor after any other one, nor after a lost connection.
 *
 * @invariant After a crash at any moment the session goes on with what its journal holds; nothing is sent twice.
 * @throws `FAULT_CONFIG` naming the option; from `start` with the code of `LIVE_REFUSALS` that is refused by
 */
export class LiveTrader extends Trader {
  readonly #options: LiveTraderOptions;
  readonly #venues: readonly TraderVenue[];
  readonly #stages: StageClock | undefined;
  #lastPreflight: PreflightReport | undefined = undefined;

  constructor(options: LiveTraderOptions) {
    const { stages } = options;
    checkArray("trader.venues", options.venues, 0);
    if (stages !== undefined) checkStages(stages);
    const first = stages?.steps[0]?.share;
    const { risk } = options;
    // What a session begins with is its first step: later ones are inputs.
    const reduced = risk === undefined || first === undefined ? {} : { risk: riskOf(risk, first) };
    const plan = planTrader({ ...options, ...reduced }, ["venues", "kill", "preflight", "stages"]);
    super(plan, options.venues);
    this.#options = options;
    this.#venues = options.venues;
    this.#stages = stages === undefined ? undefined : new StageClock(stages);
  }

  /** All that lacks for a start, in order of precedence. Runs the preflight where all else is there. */
  async lacking(): Promise<readonly Refusal<LiveRefusalCode>[]> {
    const { preflight, kill } = this.#options;
    const lacks = [
      ...liveLacking(this.plan, this.#venues),
      ...(await killLacking(this.plan.session.risk?.kill?.latch, kill)),
    ];
    if (lacks.length > 0) return lacks;
    this.#lastPreflight = typeof preflight === "function" ? await preflight() : undefined;
    return preflightLacking(this.#lastPreflight);
  }

  /** The preflight that the trader was started with. */
  get preflight(): PreflightReport | undefined {
    return this.#lastPreflight;
  }

  /** The share of the limits that is in force. */
  get share(): number {
    return this.#stages?.share ?? 1;
  }

  /**
   * Somebody lets the next step of a graduated start come, once its time and executions are there too. False where
   * there is no next step.
   *
   * @throws `FAULT_CONFIG` where nobody answers for it, or no reason is given
   */
  approveStage(by: Person, reason: string): boolean {
    const stages = this.#stages;
    checkText("live.approval.reason", reason);
    checkText("live.approval.by.name", by?.name);
    if (stages === undefined || stages.isLast) return false;
    stages.approval = { by, reason };
    this.#note();
    return true;
  }

  protected override async permit(): Promise<void> {
    const [first] = await this.lacking();
    if (first === undefined) return;
    const { field = "live", value, expected, code, message } = first;
    this.alerts.alert("fatal", "TRADER_FAILED", message, { code });
    throw new Fault("FAULT_CONFIG", { path: field, value, expected: `${expected} (${code})`, cause: first });
  }

  protected override attach(session: TradingSession): void {
    session.attach({
      name: PART,
      save: (): SavedLive => ({ stages: this.#stages?.save() ?? null, held: this.holds.save() }),
      load: (saved) => this.#load(saved as SavedLive),
      replay: (note) => this.#load(note as SavedLive),
    });
    session.watch({
      filled: () => {
        if (this.#stages !== undefined) this.#stages.fills += 1;
      },
    });
  }

  protected override look(nowNs: number): void {
    this.#options.kill.beat();
    const stages = this.#stages;
    const next = stages?.due(nowNs);
    const { stages: said, risk } = this.#options;
    if (stages === undefined || next === undefined || said === undefined || risk === undefined) return;
    const { by, reason } = stages.signed;
    const answer: ControlAnswer = this.control({
      call: "change",
      args: [shareOf(risk.limits, next.share), by, reason],
    });
    if (isRefusal(answer)) {
      stages.approval = undefined;
      this.alerts.alert("error", "TRADER_STAGE", answer.message, { share: next.share });
      return;
    }
    stages.enter(stages.step + 1, this.inputNs());
    this.#note();
    const words = `limits are raised to ${next.share} of what was given: ${reason}`;
    this.alerts.alert("info", "TRADER_STAGE", words, { share: next.share, by: by.name });
  }

  protected override heldOrFreed(): void {
    this.#note();
  }

  #note(): void {
    const note: SavedLive = { stages: this.#stages?.save() ?? null, held: this.holds.save() };
    this.session.remark({ says: [], part: PART, note });
  }

  #load({ stages, held }: SavedLive): void {
    if (stages !== null) this.#stages?.load(stages);
    this.holds.load(held);
  }
}

function riskOf(risk: KernelRisk, share: number): KernelRisk {
  return { ...risk, limits: shareOf(risk.limits, share) };
}
