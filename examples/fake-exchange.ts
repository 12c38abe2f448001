/** What example 12 trades with: an exchange in a process of its own, that kills who trades there once. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { readJournal } from "tickwright/host";
import { REPORT } from "tickwright/model";
import type { VenueFill, VenueOrder, VenueSnapshot } from "tickwright/recon";
import { type ReplayOptions, replaySession } from "tickwright/run";

export interface Word {
  readonly kind: number;
  readonly id: number;
  readonly requestId?: number;
  readonly priceTicks?: number;
  readonly lots?: number;
  readonly execId?: number;
}
export interface FromExchange {
  readonly bidTicks?: number;
  readonly word?: Word;
  readonly snapshot?: VenueSnapshot;
  readonly isOver?: boolean;
}
export interface ToExchange {
  readonly order?: { readonly id: number; readonly priceTicks: number; readonly lots: number };
  /** By our name for the order, or the exchange's. */
  readonly cancel?: { readonly orderName: string; readonly requestId: number };
  readonly ask?: readonly string[];
  readonly bye?: { readonly held: number; readonly hash: string };
}

const WANTED = 60;

/** From the trading process to the exchange. */
export function tellExchange(message: ToExchange): void {
  process.send?.(message);
}

/** Ns since the session's base, by this machine's clock. */
export function clockNs(baseNs: bigint): number {
  return Number(BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n - baseNs);
}

type Resting = { -readonly [Field in keyof VenueOrder]: VenueOrder[Field] };
const idOf = ({ clientOrderId = "" }: Resting): number => Number(clientOrderId.slice("tw-".length));

class Exchange {
  readonly orders: Resting[] = [];
  readonly fills: VenueFill[] = [];
  readonly #baseNs: bigint;
  #tell: (message: FromExchange) => void = () => {};

  constructor(baseNs: bigint) {
    this.#baseNs = baseNs;
  }

  connect(tell: (message: FromExchange) => void): void {
    this.#tell = tell;
  }

  take({ order, cancel }: ToExchange): void {
    const updatedNs = clockNs(this.#baseNs);
    if (order !== undefined) {
      const { id, priceTicks, lots } = order;
      const names = { orderId: `X${id}`, clientOrderId: `tw-${id}`, instrument: "ABC", side: "buy" } as const;
      this.orders.push({ ...names, priceTicks, lots, cumLots: 0, state: "open", updatedNs });
      this.#tell({ word: { kind: REPORT.accepted, ...order } });
    }
    if (cancel === undefined) return;
    const { orderName, requestId } = cancel;
    const found = this.orders.find((each) => [each.orderId, each.clientOrderId].includes(orderName));
    if (found === undefined) return;
    const isOpen = found.state === "open";
    if (isOpen) Object.assign(found, { state: "canceled", updatedNs });
    this.#tell({
      word: { kind: isOpen ? REPORT.canceled : REPORT.cancelRejected, id: idOf(found), requestId },
    });
  }

  /** Somebody sells into the oldest order. */
  trade(): void {
    const order = this.orders.find(({ state }) => state === "open");
    if (order === undefined) return;
    const { priceTicks, lots, instrument, side, orderId } = order;
    const execId = this.fills.length + 1;
    const venueNs = clockNs(this.#baseNs);
    Object.assign(order, { cumLots: lots, state: "filled", updatedNs: venueNs });
    this.fills.push({ execId: String(execId), orderId, instrument, side, priceTicks, lots, venueNs });
    this.#tell({ word: { kind: REPORT.trade, id: idOf(order), priceTicks, lots, execId } });
  }

  /** Where everything stands; orders that are asked for by name also where they are over. */
  snapshot(asked: readonly string[]): VenueSnapshot {
    const asOfNs = clockNs(this.#baseNs);
    const known = this.orders.map(({ clientOrderId }) => clientOrderId);
    const orders = this.orders
      .filter(({ state, clientOrderId = "" }) => state === "open" || asked.includes(clientOrderId))
      .map((order) => ({ ...order }));
    return {
      ...{ venue: "fake", account: "main", asOfNs, orders, fills: this.fills, fillsThroughNs: asOfNs },
      notFound: asked.filter((name) => !known.includes(name)),
      positions: [{ instrument: "ABC", lots: this.held }],
    };
  }

  get held(): number {
    return this.fills.reduce((sum, { lots }) => sum + lots, 0);
  }
}

/** Runs the exchange, and the trading process twice; then replays what the two recorded. */
export async function killAndRecover(file: string, replay: ReplayOptions): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "live-"));
  const baseNs = BigInt(Date.now()) * 1_000_000n; // yours: the day's midnight, say; the next process needs the same
  const exchange = new Exchange(baseNs);
  const life = (killedAt: number) => live(exchange, fork(file, ["trade", folder, String(baseNs)]), killedAt);
  await life(6);
  console.log(
    `the process is killed, and has not heard of the last trade: the exchange has ${exchange.held} lots`,
  );
  const bye = await life(Number.POSITIVE_INFINITY);
  console.log(`held ${bye?.held}, at the exchange ${exchange.held}`);
  const { isIdentical, runHash } = replaySession((visit) => void readJournal(folder, visit), replay);
  console.log(
    `replay: ${isIdentical && runHash === bye?.hash ? "identical" : "not identical"}, runHash ${runHash}`,
  );
  rmSync(folder, { recursive: true });
}

/** One life of the trading process: until it says goodbye, or is killed after so many orders. */
async function live(exchange: Exchange, child: ChildProcess, killedAt: number): Promise<ToExchange["bye"]> {
  let bye: ToExchange["bye"];
  let ticks = 0;
  const tell = (message: FromExchange): void => {
    if (child.connected) child.send(message, () => {}); // a process that is gone hears nothing
  };
  exchange.connect(tell);
  child.on("message", (message: ToExchange) => {
    bye ??= message.bye;
    if (message.ask !== undefined) tell({ snapshot: exchange.snapshot(message.ask) });
    exchange.take(message);
    if (exchange.orders.length < killedAt || child.killed) return;
    exchange.connect(() => {});
    exchange.trade();
    child.kill("SIGKILL");
  });
  const timer = setInterval(() => {
    ticks += 1;
    tell({ bidTicks: 1000 + (ticks % 50), isOver: exchange.held === WANTED });
    if (ticks % 8 === 0) exchange.trade();
  }, 5);
  await Promise.all([once(child, "exit"), once(child, "disconnect")]);
  clearInterval(timer);
  return bye;
}
