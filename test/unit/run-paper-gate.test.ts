import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readJournal } from "../../src/host/index.ts";
import { EFFECT } from "../../src/kernel/index.ts";
import { flatFees, money } from "../../src/model/index.ts";
import {
  PAPER_DAYS,
  PaperTrader,
  paperGate,
  SESSION,
  type SessionRecord,
  VirtualTime,
} from "../../src/run/index.ts";
import { ConstantLatency } from "../../src/sim/index.ts";
import type { Strategy } from "../../src/strategy/index.ts";
import { type DepthRow, depthTape } from "../fixtures/run-tapes.ts";
import { TapeFeed } from "../fixtures/tape-feed.ts";

const DAY_NS = 86_400_000_000_000;
const HOME = mkdtempSync(join(tmpdir(), "gate-"));
const APPROVAL = { by: "Ines", reason: "a desk that traded before" };

const latency = (): ConstantLatency => new ConstantLatency({ entryNs: 3_000_000, responseNs: 5_000_000 });

/** Rests a lot far below, and buys a lot at the ask of each row until it has three. */
const strategies = (buys = 3): Strategy[] => {
  let books = 0;
  const buy = (priceTicks: number) => ({ instrument: "ABC", side: "buy", lots: 1, priceTicks }) as const;
  return [
    {
      name: "buys",
      onBook(book, ctx) {
        if (books++ === 0) ctx.submit(buy(500));
        if (book.bestAsk > 0 && ctx.position("ABC").lots < buys && ctx.openOrders().length < 2)
          ctx.submit(buy(book.bestAsk));
      },
    },
  ];
};

/** A session on paper that hears its market once a day. */
async function onPaper(days: number, baseNs: bigint, buys = 3): Promise<readonly SessionRecord[]> {
  const rows: DepthRow[] = [];
  for (let day = 0; day < days; day++) {
    const ns = day * DAY_NS + 3_600_000_000_000;
    rows.push([ns, "bid", 999, 50, 1_000_000], [ns + 1_000, "ask", 1_001, 50, 1_000_000]);
    rows.push([ns + 1e9, "ask", 1_001, 60 + (day % 7), 1_000_000]);
  }
  const time = new VirtualTime(baseNs);
  const feed = new TapeFeed("tape", [depthTape(rows, { symbol: "ABC", fees: flatFees("0", "0") })], time);
  const folder = join(HOME, `${days}-${baseNs}-${buys}`);
  const trader = new PaperTrader({
    ...{ name: "desk", instruments: feed.instruments, strategies: strategies(buys), seed: 1, time, folder },
    ...{ cash: [money(1_000_000n, "USD")], reporting: "USD", snapshotEveryNs: 0, idleNs: 50 * DAY_NS },
    ...{ journal: { policy: "async", create: true }, feeds: [{ client: feed }] },
    venues: [{ latency: latency() }],
  });
  await trader.start();
  await time.runTo((days - 1) * DAY_NS + 2 * 3_600_000_000_000);
  await trader.stop();
  const records: SessionRecord[] = [];
  readJournal(folder, ({ seq, type, payload }) => records.push({ seq, type, payload: payload.slice() }));
  return records;
}

let long: readonly SessionRecord[] = [];
let short: readonly SessionRecord[] = [];
let none: readonly SessionRecord[] = [];
const LATER = BigInt(60 * DAY_NS);

beforeAll(async () => {
  long = await onPaper(60, 0n);
  short = await onPaper(30, LATER);
  none = await onPaper(30, LATER, 0);
}, 60_000);

afterAll(() => rmSync(HOME, { recursive: true, force: true }));

/** A record without what the venue said of an order. */
function unheard({ seq, type, payload }: SessionRecord): SessionRecord {
  if (type !== SESSION.effects) return { seq, type, payload };
  const left: number[] = [];
  for (let at = 0; at < payload.length; at += 64) {
    const kind = new DataView(payload.buffer, payload.byteOffset + at).getFloat64(0, true);
    if (kind !== EFFECT.report) left.push(...payload.subarray(at, at + 64));
  }
  return { seq, type, payload: Uint8Array.from(left) };
}

const session = (records: readonly SessionRecord[], of = strategies()) => ({ records, strategies: of });

describe("a paper gate", () => {
  it("is passed with 90 days and nothing unexplained", () => {
    expect(PAPER_DAYS).toEqual({ usual: 90, least: 30 });
    const gate = paperGate([session(long), session(short)], "c0de");
    expect(gate).toMatchObject({
      isPassed: true,
      days: 90,
      orders: 8,
      fills: 6,
      unexplained: 0,
      codeHash: "c0de",
    });
    expect([gate.failures, gate.approval]).toEqual([[], undefined]);
    expect(JSON.parse(JSON.stringify(gate))).toEqual(gate);
  });

  it("counts a day once, whatever the number of its sessions", () => {
    const gate = paperGate([session(short), session(short)], "c0de");
    expect(gate).toMatchObject({ isPassed: false, days: 30, fills: 6, failures: ["30 days of 90"] });
  });

  it("is passed with 30 days that somebody approved, not with 29", async () => {
    expect(paperGate([session(short)], "c0de")).toMatchObject({
      isPassed: false,
      failures: ["30 days of 90"],
    });
    const approved = paperGate([session(short)], "c0de", APPROVAL);
    expect(approved).toMatchObject({ isPassed: true, days: 30, approval: APPROVAL, failures: [] });
    const fewer = await onPaper(29, LATER);
    const refused = paperGate([session(fewer)], "c0de", APPROVAL);
    expect(refused).toMatchObject({ isPassed: false, failures: ["29 days of 30"] });
  });

  it("takes no approval without a name and a reason, and no code without a hash", () => {
    const approve = (approval: object) => () => paperGate([session(short)], "c0de", approval as never);
    expect(approve({ ...APPROVAL, by: "" })).toThrow(/FAULT_CONFIG paperGate.approval.by/);
    expect(approve({ by: "Ines" })).toThrow(/FAULT_CONFIG paperGate.approval.reason/);
    expect(() => paperGate([session(short)], "")).toThrow(/FAULT_CONFIG paperGate.codeHash/);
  });

  it("is not passed without an execution", () => {
    const gate = paperGate([session(none, strategies(0))], "c0de", APPROVAL);
    expect(gate).toMatchObject({ isPassed: false, orders: 1, fills: 0, failures: ["no execution"] });
  });

  it("is not passed with an answer that never came and nothing explains", () => {
    // Latency is what orders took unless it is said: of one that was never answered, for ever.
    const unanswered = none.map(unheard);
    const market = () => ({ venue: { latency: latency() } });
    const gate = paperGate([session(long), { ...session(unanswered, strategies(0)), market }], "c0de");
    expect(gate.isPassed).toBe(false);
    expect(gate.unexplained).toBeGreaterThan(0);
    expect(gate.failures).toEqual([`${gate.unexplained} differences that nothing explains`]);
  });

  it("has a cause for what other code decides otherwise, and sums over sessions", () => {
    const once = paperGate([session(short, strategies(5))], "c0de", APPROVAL);
    const gate = paperGate([session(short, strategies(5)), session(short, strategies(5))], "c0de", APPROVAL);
    expect([gate.unexplained, gate.isPassed]).toEqual([0, true]);
    expect(gate.causes.code).toBe(2 * once.causes.code);
    expect(once.causes.code).toBeGreaterThan(0);
  });
});
