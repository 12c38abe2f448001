import { getHeapStatistics } from "node:v8";
import {
  checkInvariants,
  LEGAL_BY_CODE,
  ORDER_EVENTS,
  ORDER_STATUS,
  ORDER_STATUSES,
} from "../../src/order/index.ts";
import { type BenchResult, type BenchRow, ratioFields } from "./bench-row.ts";
import { columnsOf, LIVES, type Life } from "./order/lives.ts";
import { actorSide, type OrderView, pureSide, type Side, storeSide, wordSide } from "./order/sides.ts";
import { interleave, type Measured, type Run, ratioOf, spreadOf } from "./rounds.ts";

const PEER = "XState 5.33.3";
const ALL = "all four lives";
/** How many lives of each kind a side lives in a round. */
const REPEATS = { store: 100_000, checked: 2_000, words: 10_000, pure: 500, actor: 2_000, table: 400_000 };
/** Must be reached by the whole store over all lives. */
const FLOOR = 20;

type SideName = keyof typeof REPEATS;

/** Whole lives of orders: ours against an XState machine of the same table, and against the bare table. */
export async function bench(): Promise<BenchResult> {
  const lives = Object.entries(LIVES);
  const events = lives.map(([name, life]) => checkEqual(name, life)).reduce((a, b) => a + b);
  const table = nextStatus(lives.map(([, life]) => life));
  const make: Record<SideName, (life: Life) => Side> = {
    store: storeSide,
    checked: (life) => storeSide(life, check),
    words: wordSide,
    pure: pureSide,
    actor: actorSide,
    table: (life) => tableSide(life, table),
  };
  const variants = lives.flatMap(([name, life]) =>
    (Object.keys(make) as SideName[]).map((side) => {
      const made = make[side](life);
      return { name: `${name}/${side}`, run: () => run(made, life, REPEATS[side]) };
    }),
  );
  const measured = await interleave(variants, { rounds: 7, warmUps: 2 });
  const of = (name: string, side: SideName): Measured => measured.get(`${name}/${side}`) as Measured;
  const whole = (side: SideName): Measured => together(lives, (name) => of(name, side));
  const rows: BenchRow[] = lives.map(([name]) => {
    const peer = faster(of(name, "pure"), of(name, "actor"));
    return row(name, of(name, "store"), PEER, peer);
  });
  const [pure, actor] = [whole("pure"), whole("actor")];
  const peer = faster(pure, actor);
  rows.push(
    { ...row(ALL, whole("store"), PEER, peer), floor: FLOOR },
    row(`${ALL}, checkInvariants after each event`, whole("checked"), PEER, peer),
    row(`${ALL}, OrderStateMachine`, whole("words"), PEER, peer),
    row(`${ALL}, store`, whole("store"), "the bare table", whole("table")),
  );
  const median = (figure: Measured): string => spreadOf(figure.nsPerUnit).median.toFixed(0);
  const collections = (side: SideName): number =>
    lives.reduce((sum, [name]) => sum + spreadOf(of(name, side).collections).median, 0);
  return {
    rows,
    notes: [
      `equal work: ${lives.length} lives, ${events} events; after each, status, lots, price, cumulative quantity, ` +
        "notional, leaves and pending requests are the same for store, OrderStateMachine and both forms of XState",
      `XState transition() ${median(pure)}, actor.send() ${median(actor)} ns/event; compared with ` +
        `${peer === pure ? "transition()" : "actor.send()"}; its events are made beforehand, its executions kept in a ` +
        "Map that is changed in place",
      "a life is open, its events, free (ours), and the first snapshot or actor, its events (XState); " +
        "ns/event is the life's time over its events",
      `bytes allocated a life: store ${lives.map(([name, life]) => `${name} ${bytes(storeSide(life), 50_000)}`).join(", ")}; ` +
        `XState's actor ${lives.map(([name, life]) => `${name} ${bytes(actorSide(life), 100)}`).join(", ")}`,
      `collections a round (sum of medians): store ${collections("store")} in ${4 * REPEATS.store} lives, ` +
        `XState's actor ${collections("actor")} in ${4 * REPEATS.actor}`,
      "the bare table is one look-up a side: legal or not, and the next status; no quantities, executions or requests",
    ],
  };
}

function row(name: string, ours: Measured, peer: string, theirs: Measured): BenchRow {
  return {
    name,
    ours: spreadOf(ours.nsPerUnit).median,
    unit: "ns/event",
    peer,
    peerValue: spreadOf(theirs.nsPerUnit).median,
    ...ratioFields(ratioOf(theirs, ours)),
  };
}

function faster(a: Measured, b: Measured): Measured {
  return spreadOf(a.nsPerUnit).median <= spreadOf(b.nsPerUnit).median ? a : b;
}

/** All lives lived equally often: the times of one round added up, over all their events. */
function together(lives: readonly (readonly [string, Life])[], of: (name: string) => Measured): Measured {
  const events = lives.reduce((sum, [, life]) => sum + life.steps.length, 0);
  const rounds = lives.map(([name, life]) => of(name).nsPerUnit.map((ns) => ns * life.steps.length));
  const nsPerUnit = (rounds[0] ?? []).map(
    (_, round) => rounds.reduce((sum, each) => sum + (each[round] as number), 0) / events,
  );
  return { name: ALL, nsPerUnit, collections: [] };
}

function run(side: Side, life: Life, repeats: number): Run {
  const start = process.hrtime.bigint();
  for (let k = 0; k < repeats; k++) side.live();
  const elapsedNs = Number(process.hrtime.bigint() - start);
  return { units: repeats * life.steps.length, elapsedNs };
}

/** Lives the life once on each side; returns the number of events. */
function checkEqual(name: string, life: Life): number {
  const seen = [storeSide(life, check), wordSide(life), pureSide(life), actorSide(life)].map(viewsOf);
  const [ours] = seen as [readonly OrderView[]];
  for (let i = 0; i < ours.length; i++) {
    const texts = seen.map((views) => JSON.stringify(views[i]));
    if (texts.every((text) => text === texts[0])) continue;
    throw new Error(
      `${name}: after event ${i}, ${life.steps[i]?.type}, the sides differ: ${texts.join(" ")}`,
    );
  }
  return ours.length;
}

function viewsOf(side: Side): readonly OrderView[] {
  const views: OrderView[] = [];
  side.live((view) => views.push(view));
  return views;
}

function check(...[store, row]: Parameters<typeof checkInvariants>): void {
  const [broken] = checkInvariants(store, row);
  if (broken !== undefined) throw new Error(broken);
}

/** The bare table: the status each status and event leads to in the lives; else it stays. */
function nextStatus(lives: readonly Life[]): Uint8Array {
  const next = Uint8Array.from(LEGAL_BY_CODE, (_, i) => Math.floor(i / ORDER_EVENTS.length));
  for (const life of lives) {
    let from: number = ORDER_STATUS.created;
    for (const [i, { status }] of viewsOf(storeSide(life)).entries()) {
      const to = ORDER_STATUSES.indexOf(status);
      next[from * ORDER_EVENTS.length + (columnsOf(life).code[i] as number)] = to;
      from = to;
    }
  }
  return next;
}

function tableSide(life: Life, next: Uint8Array): Side {
  const { n, code } = columnsOf(life);
  const width = ORDER_EVENTS.length;
  const end = new Uint32Array(ORDER_STATUSES.length);
  return {
    live: () => {
      let status: number = ORDER_STATUS.created;
      for (let i = 0; i < n; i++) {
        const at = status * width + (code[i] as number);
        if (LEGAL_BY_CODE[at] === 1) status = next[at] as number;
      }
      end[status] = (end[status] as number) + 1;
    },
  };
}

/** Growth of the heap over so many lives; several tries, since a collection in between spoils one. */
function bytes(side: Side, lives: number): string {
  let least = Infinity;
  for (let k = 0; k < 200; k++) side.live();
  for (let attempt = 0; attempt < 5; attempt++) {
    const before = getHeapStatistics().used_heap_size;
    for (let k = 0; k < lives; k++) side.live();
    const grown = getHeapStatistics().used_heap_size - before;
    if (grown >= 0) least = Math.min(least, grown / lives);
  }
  return least.toLocaleString("en-US", { maximumFractionDigits: least < 10 ? 3 : 0 });
}
