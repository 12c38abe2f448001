import { type DepthBlock, KIND_MASK, ROW } from "../model/index.ts";
import type { FeedMessage } from "../venue/index.ts";
import type { PreflightCheck } from "./preflight.ts";
import { check } from "./preflight-check.ts";
import type { TraderFeed, TraderPlan } from "./trader-options.ts";

const TRADED: readonly number[] = [ROW.bid, ROW.buy, ROW.sell, ROW.trade];

/** What a look at the feeds found: checks, and about where each market is, by the instrument's key. @units ticks */
export interface FeedLook {
  readonly checks: readonly PreflightCheck[];
  readonly ticks: ReadonlyMap<string, number>;
}

/** Opens every feed, and waits so long for rows of each of its instruments. @units `waitNs` ns */
export async function feedChecks(plan: TraderPlan, waitNs: number): Promise<FeedLook> {
  const ticks = new Map<string, number>();
  const checks = await Promise.all(plan.feeds.map((feed) => feedCheck(plan, feed, waitNs, ticks)));
  return { checks: checks.flat(), ticks };
}

async function feedCheck(
  plan: TraderPlan,
  { client, instruments, channels }: Required<TraderFeed>,
  waitNs: number,
  ticks: Map<string, number>,
): Promise<readonly PreflightCheck[]> {
  const heard = new Map<string, string>();
  const nothing = (): void => {};
  let listening: () => void = nothing;
  let takeBack: () => void = nothing;
  const enough = new Promise<void>((done) => {
    listening = done;
    takeBack = plan.time.after(waitNs, done);
  });
  const message = (_source: string, { instrument, block, from, to }: FeedMessage): void => {
    const { key } = instrument;
    heard.set(key, crossed(block, from, to) ?? heard.get(key) ?? "");
    ticks.set(key, Math.max(ticks.get(key) ?? 0, priceIn(block, from, to)));
    if (instruments.every((each) => heard.has(each.key))) listening();
  };
  const listener = { message, alive: nothing, connected: nothing, disconnected: nothing, trouble: nothing };
  let cause = "";
  try {
    await client.open(listener);
    for (const instrument of instruments) {
      await client.subscribe(instrument, channels);
      if (channels.includes("depth")) await client.requestSnapshot(instrument);
    }
    await enough;
  } catch (error) {
    cause = error instanceof Error ? error.message : String(error);
  } finally {
    takeBack();
    await client.close();
  }
  return instruments.map(({ key }) => {
    const wrong = heard.get(key);
    const measured = cause || (wrong === undefined ? "nothing came" : wrong || "rows come");
    const expected = `good rows within ${waitNs / 1e9} s`;
    const change = "look at the source, or take another one";
    const state = wrong === "" && cause === "" ? "ok" : "fail";
    return check(`feed.${client.source}.${key}`, state, measured, expected, change);
  });
}

/** What is wrong with rows on the face of it. */
function crossed(block: DepthBlock, from: number, to: number): string | undefined {
  let [bid, ask] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let i = from; i < to; i++) {
    const { kind, tick, lots } = rowOf(block, i);
    if (!(Number.isFinite(tick) && lots >= 0) && kind !== ROW.funding) return `${lots} lots at ${tick}`;
    if (kind === ROW.bid && lots > 0) bid = Math.max(bid, tick);
    if (kind === ROW.ask && lots > 0) ask = Math.min(ask, tick);
  }
  return bid >= ask ? `a crossed book: ${bid} bid, ${ask} asked, in ticks` : undefined;
}

/** The highest bid or trade in rows; 0 where there is none. @units ticks */
function priceIn(block: DepthBlock, from: number, to: number): number {
  let most = 0;
  for (let i = from; i < to; i++) {
    const { kind, tick, lots } = rowOf(block, i);
    if (TRADED.includes(kind) && lots > 0 && tick > most) most = tick;
  }
  return most;
}

function rowOf(block: DepthBlock, i: number): { kind: number; tick: number; lots: number } {
  const kind = (block.kind[i] as number) & KIND_MASK;
  return { kind, tick: block.tick[i] as number, lots: block.lots[i] as number };
}
