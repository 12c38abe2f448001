import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AuditChain, AuditKey } from "../../src/audit/index.ts";
import { type AuditSync, openAuditFolder, openJournal, verifyAuditFolder } from "../../src/host/index.ts";
import { DepthBlock, LAST, MESSAGE_FIELD, MESSAGE_STRIDE, REPORT, ROW } from "../../src/model/index.ts";
import {
  readAuditTrail,
  SessionAudit,
  type SessionAuditOptions,
  type SessionJournal,
  TradingSession,
} from "../../src/run/index.ts";
import type { BookView, Strategy, StrategyContext } from "../../src/strategy/index.ts";
import { MemoryJournal } from "../fixtures/memory-journal.ts";
import { INSTRUMENTS, RequestDoor, sessionOptions } from "../fixtures/session-desk.ts";
import { type BenchResult, type BenchRow, ratioFields } from "./bench-row.ts";
import { interleave, type Measured, type Run, ratioOf, spreadOf } from "./rounds.ts";

const IN_MEMORY = 8_000;
const ON_DISK = 500;
/** Rows of the feed for each order. */
const ROWS = 8;
const STEP_NS = 100_000;
const KEY = AuditKey.fromSeed("example.com/desk", new Uint8Array(32).fill(7));

/** A trading session with an audit trail against the same session without one. */
export async function bench(): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), "tickwright-bench-session-audit-"));
  let count = 0;
  const run = (orders: number, isOnDisk: boolean, how?: How) => (): Run => {
    count += 1;
    return trade(join(folder, String(count)), orders, isOnDisk, how);
  };
  const lazy: How = { sync: "checkpoint", flush: "block" };
  const strict: How = { sync: "append", flush: "turn" };
  try {
    const measured = await interleave(
      [
        { name: "memory", run: run(IN_MEMORY, false) },
        { name: "memory, trail", run: run(IN_MEMORY, false, lazy) },
        { name: "disk", run: run(ON_DISK, true) },
        { name: "disk, trail", run: run(ON_DISK, true, lazy) },
        { name: "disk, each turn", run: run(ON_DISK, true, strict) },
      ],
      { rounds: 5, warmUps: 1 },
    );
    const of = (name: string): Measured => measured.get(name) as Measured;
    return {
      rows: [
        against("journal in memory, a trail on the disk", of("memory, trail"), of("memory")),
        against("journal on the disk, a trail beside it", of("disk, trail"), of("disk")),
        against("the same, the trail durable before each order leaves", of("disk, each turn"), of("disk")),
      ],
      notes: [
        `an order is ${ROWS} rows of a feed and 4 records: decision, order, acceptance, execution`,
        "ratio: the session without a trail ÷ with it, 1 is as fast; every trail is verified once",
      ],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface How {
  readonly sync: AuditSync;
  readonly flush: NonNullable<SessionAuditOptions["flush"]>;
}

function against(name: string, ours: Measured, theirs: Measured): BenchRow {
  const [mine, its] = [spreadOf(ours.nsPerUnit).median, spreadOf(theirs.nsPerUnit).median];
  const ratio = ratioFields(ratioOf(theirs, ours));
  return { name, ours: mine, unit: "ns/order", peer: "without a trail", peerValue: its, ...ratio };
}

/** Buys and sells in turn, once every so many rows. */
class InTurn implements Strategy {
  readonly name = "in-turn";
  #rows = 0;

  onBook(book: BookView, ctx: StrategyContext): void {
    this.#rows += 1;
    if (this.#rows % ROWS !== 0 || !book.hasBid || !book.hasAsk) return;
    const isBuy = this.#rows % (2 * ROWS) === 0;
    // No two alike within a while, lest they are taken for duplicates.
    const away = Math.floor(this.#rows / (2 * ROWS)) % 1000;
    const priceTicks = isBuy ? book.bestBid - Math.floor(away / 25) : book.bestAsk + Math.floor(away / 25);
    ctx.submit({ instrument: "ABC@sim", side: isBuy ? "buy" : "sell", lots: 1 + (away % 25), priceTicks });
  }
}

function trade(path: string, orders: number, isOnDisk: boolean, how?: How): Run {
  const options = sessionOptions({ strategies: [new InTurn()], snapshotEveryNs: 0, lingerNs: 0 });
  const { baseNs } = options;
  const journal: SessionJournal = isOnDisk
    ? openJournal(`${path}-journal`, { policy: "sync", create: true, baseNs }).journal
    : new MemoryJournal();
  const session = new TradingSession(options, journal);
  const trail = how === undefined ? undefined : openTrail(`${path}-trail`, session, how);
  const ids: number[] = [];
  for (const i of INSTRUMENTS.keys()) session.connect(i, new RequestDoor(i, ({ id }) => void ids.push(id)));
  session.start(0);
  const driver = new Driver(session);
  const from = process.hrtime.bigint();
  for (let step = 1; ids.length < orders; step++) {
    const before = ids.length;
    driver.row(step);
    if (ids.length > before) driver.fill(ids[before] as number, step);
  }
  session.idle((orders * ROWS + ROWS) * STEP_NS);
  const elapsedNs = Number(process.hrtime.bigint() - from);
  session.stop((orders * ROWS + ROWS) * STEP_NS);
  journal.close();
  trail?.();
  return { units: orders, elapsedNs };
}

function openTrail(path: string, session: TradingSession, { sync, flush }: How): () => void {
  const key = KEY.verifierKey;
  const { folder } = openAuditFolder(path, { key, create: true, sync });
  const salt = randomBytes(32);
  const chain = new AuditChain({ origin: KEY.name, sink: folder.sink(), signers: [KEY], salt });
  const options = { chain, trail: readAuditTrail(path), node: "bench", buildHash: "00".repeat(32), flush };
  const audit = new SessionAudit(session, options);
  return () => {
    chain.seal();
    folder.close();
    const { ok, records } = verifyAuditFolder(path, { key });
    if (!ok || records < audit.made) throw new Error(`the trail is not whole: ${records} records`);
  };
}

/** The feed and the venue. */
class Driver {
  readonly #session: TradingSession;
  readonly #block = new DepthBlock(1);
  readonly #cells = new Float64Array(MESSAGE_STRIDE);
  #execs = 0;

  constructor(session: TradingSession) {
    this.#session = session;
  }

  row(step: number): void {
    const block = this.#block;
    const isBid = step % 2 === 0;
    block.kind[0] = (isBid ? ROW.bid : ROW.ask) | LAST;
    block.tick[0] = isBid ? 1000 : 1002;
    block.lots[0] = 10 + (step % 7);
    block.exch[0] = step * STEP_NS;
    block.local[0] = step * STEP_NS;
    this.#session.row(0, block, 0, step * STEP_NS);
  }

  fill(id: number, step: number): void {
    const cells = this.#cells.fill(0);
    const nowNs = step * STEP_NS;
    cells[MESSAGE_FIELD.exchNs] = nowNs;
    cells[MESSAGE_FIELD.row] = this.#session.kernel.orders.id.indexOf(id);
    cells[MESSAGE_FIELD.id] = id;
    cells[MESSAGE_FIELD.priceTicks] = 1000;
    cells[MESSAGE_FIELD.lots] = this.#session.kernel.orders.lots[
      cells[MESSAGE_FIELD.row] as number
    ] as number;
    cells[MESSAGE_FIELD.leavesLots] = cells[MESSAGE_FIELD.lots] as number;
    cells[MESSAGE_FIELD.kind] = REPORT.accepted;
    this.#session.report(0, cells, 0, nowNs);
    this.#execs += 1;
    cells[MESSAGE_FIELD.execId] = this.#execs;
    cells[MESSAGE_FIELD.leavesLots] = 0;
    cells[MESSAGE_FIELD.kind] = REPORT.trade;
    this.#session.report(0, cells, 0, nowNs);
  }
}
