import { AlgoDesk } from "../../src/algo/index.ts";
import { ApprovedOrder, gateOrder, NO_LIMITS } from "../../src/risk/index.ts";
import type { Strategy } from "../../src/strategy/index.ts";
import { makeGate } from "../fixtures/gate-setup.ts";
import { KernelDriver } from "../fixtures/kernel-driver.ts";
import { type BenchResult, type BenchRow, ratioFields } from "./bench-row.ts";
import { interleave, type Measured, ratioOf, spreadOf } from "./rounds.ts";

const EVENTS = 4_000;
const DECISIONS = 20_000;
const PARENTS = [1, 10, 100] as const;
const FAR_NS = 1e15;
const RISK = {
  ...({ currency: "USD", capital: [], hours: "always", status: "trusted" } as const),
  limits: [{ level: "firm", limits: { ...NO_LIMITS, maxLongLots: 1_000_000_000 } }],
  // All its parents are equal, and opened at one moment.
  duplicates: { count: 1_000 },
} as const;

/** A kernel whose strategy works so many parents, each with one child that rests: rows of a book come. */
function working(parents: number): () => { units: number } {
  const desk = new AlgoDesk({ parentsMax: 100 });
  const strategy: Strategy = {
    name: "bench",
    onBook: (book, ctx) => desk.onBook(book, ctx),
    onOrder: (order, ctx) => desk.onOrder(order, ctx),
    onTimer: (timer, ctx) => void desk.onTimer(timer, ctx),
  };
  const to = new KernelDriver([strategy], { risk: RISK });
  to.at(1_000).row("bid", 9_999, 100).row("ask", 10_003, 100);
  for (let i = 0; i < parents; i++) {
    const still = { urgency: 0, requoteTicks: 1_000, requoteNs: 1e14, slices: 2, timeJitter: 0 };
    const spec = {
      algo: "twap",
      instrument: "ABC",
      side: "buy",
      lots: 1_000,
      endNs: FAR_NS,
      ...still,
    } as const;
    const started = desk.start(spec, to.ctx());
    if (!started.ok) throw new Error(started.message);
  }
  to.at(2_000).row("bid", 9_999, 101);
  for (let nth = 0; nth < to.door.sent.length; nth++) to.report("accepted", nth);
  const sent = to.door.sent.length;
  if (sent !== parents) throw new Error(`${sent} children of ${parents} parents`);
  let now = 3_000;
  return () => {
    for (let i = 0; i < EVENTS; i++) {
      now += 1_000;
      to.at(now).row("bid", 9_999, 100 + (i % 50));
    }
    if (to.door.sent.length !== sent) throw new Error("children were moved");
    return { units: EVENTS };
  };
}

/** Decisions on orders that end at once: plain ones, or children of one parent. */
function decisions(isChild: boolean): () => { units: number } {
  const gate = makeGate({ firm: { ...NO_LIMITS, maxLongLots: 1_000_000 } });
  const now = 1e9;
  const terms = { seat: 0, instrument: 0, side: 1, lots: 100_000, priceTicks: Number.NaN };
  const parent = isChild ? gate.reserves.open(terms, now) : 0;
  if (typeof parent !== "number") throw new Error(parent.message);
  const order = { ...gateOrder(), lots: 10, priceTicks: 10_000, displayLots: 0, slice: 0, parent };
  let id = 0;
  let ns = now;
  return () => {
    for (let i = 0; i < DECISIONS; i++) {
      id += 1;
      ns += 600_000;
      if (i % 1_000 === 0) gate.quote(0, 9_999, 10_001, ns);
      order.id = id;
      order.slice = id;
      const answer = gate.check(order, ns);
      if (!(answer instanceof ApprovedOrder)) throw new Error(answer.message);
      gate.abandon(answer);
      gate.drain(() => undefined);
    }
    return { units: DECISIONS };
  };
}

/** What an event costs with parents at work beside none, and a decision on a child beside one on an order. */
export async function bench(): Promise<BenchResult> {
  const of = await interleave(
    [
      { name: "0", run: working(0) },
      ...PARENTS.map((parents) => ({ name: `${parents}`, run: working(parents) })),
    ],
    { rounds: 7, warmUps: 2 },
  );
  const none = of.get("0") as Measured;
  const rows: BenchRow[] = PARENTS.map((parents) => {
    const own = of.get(`${parents}`) as Measured;
    return {
      name: `a row of the book, ${parents} parents at work`,
      ours: spreadOf(own.nsPerUnit).median,
      unit: "ns/event",
      peer: "the same strategy without a parent",
      peerValue: spreadOf(none.nsPerUnit).median,
      ...ratioFields(ratioOf(none, own)),
    };
  });
  const gates = await interleave(
    [
      { name: "child", run: decisions(true) },
      { name: "plain", run: decisions(false) },
    ],
    { rounds: 7, warmUps: 2 },
  );
  const [child, plain] = [gates.get("child") as Measured, gates.get("plain") as Measured];
  rows.push({
    name: "a decision on a child, and its release",
    ours: spreadOf(child.nsPerUnit).median,
    unit: "ns/decision",
    peer: "an order without a parent",
    peerValue: spreadOf(plain.nsPerUnit).median,
    ...ratioFields(ratioOf(plain, child)),
  });
  const each = PARENTS.map((parents) => {
    const own = spreadOf((of.get(`${parents}`) as Measured).nsPerUnit).median;
    return `${parents}: ${Math.round((own - spreadOf(none.nsPerUnit).median) / parents)} ns`;
  });
  const collected = PARENTS.map((parents) => spreadOf((of.get(`${parents}`) as Measured).collections).median);
  return {
    rows,
    notes: [
      `what each parent adds to an event: ${each.join(", ")}`,
      `collections a run of ${EVENTS} events: ${collected.join(", ")}`,
      "a decision ends with its approval given up: what it held goes back to the parent",
    ],
  };
}
