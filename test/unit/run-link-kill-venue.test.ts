import { describe, expect, it } from "vitest";
import { KillAuthority, KillLatch, KillScopes, KillSwitch } from "../../src/risk/index.ts";
import { LinkedVenue, LinkKillVenue, type LiveTraderOptions } from "../../src/run/index.ts";
import type { VenueOrderName } from "../../src/venue/index.ts";
import { LiveWorld, MS } from "../fixtures/live-world.ts";
import { SessionStrategy } from "../fixtures/session-strategy.ts";

const SCOPES = new KillScopes({ venue: ["mem"], strategy: ["session-strategy", "second"] });
const PACE = {
  ...{ cancelsPerStep: 3, retryNs: 200 * MS, queryNs: 50 * MS, inFlightNs: 20 * MS },
  ...{ roundsMax: 200, escalateNs: 20_000 * MS, requestNs: 60_000 * MS },
};

/** Another one of the same kind. */
class SecondStrategy extends SessionStrategy {
  override readonly name: string = "second";
}

/** A live trader, and a kill switch whose cancels leave through its link. */
class SwitchWorld extends LiveWorld {
  readonly way = new LinkKillVenue({ name: "mem" });
  kill!: KillSwitch;
  linked!: LinkedVenue;
  /** Orders that the switch was told are canceled. */
  confirmed = 0;

  override strategies(): SessionStrategy[] {
    return [new SessionStrategy(23 * MS), new SecondStrategy(37 * MS)];
  }

  async begin(): Promise<void> {
    const made = (): readonly LinkedVenue[] => {
      this.linked = new LinkedVenue({
        ...{ client: this.client, stations: [0], link: { requestTimeoutNs: 100 * MS }, kill: this.way },
        rules: { ackTimeoutNs: 100 * MS, graceNs: 60_000 * MS, orphans: "cancel" },
        schedule: { startNs: 0, intervalNs: 2_000 * MS, retryNs: 100 * MS },
      });
      return [this.linked];
    };
    const options = Object.defineProperty({}, "venues", { enumerable: true, get: made });
    await this.start(options as Partial<LiveTraderOptions>);
    this.kill = new KillSwitch({
      ...{ latch: new KillLatch(SCOPES.size), scopes: SCOPES, store: { save: () => {} }, onRecord: () => {} },
      ...{ venues: [this.way], orders: this.way, pace: PACE, authority: AUTHORITY },
    });
    const { kill } = this;
    const tell = kill.onCancelConfirmed.bind(kill);
    kill.onCancelConfirmed = (...args) => {
      this.confirmed += 1;
      tell(...args);
    };
    this.way.tie(kill);
  }

  /** Lets the switch work for a while. */
  async steps(untilNs: number): Promise<void> {
    for (let ns = this.time.nowNs(); ns < untilNs; ns += 5 * MS) {
      await this.time.runTo(ns);
      this.kill.step(ns);
    }
  }

  open(strategy?: number): number {
    const { orders } = this.trader.session.kernel;
    let count = 0;
    for (let row = orders.firstOfInstrument(0); row >= 0; row = orders.nextOfInstrument(row)) {
      if (strategy === undefined || orders.strategy[row] === strategy) count += 1;
    }
    return count;
  }
}

const AUTHORITY = new KillAuthority(SCOPES, [{ who: "rob", role: "riskManager" }]);
const asked = { who: "rob", channel: "gui", level: 2, reason: "runaway" } as const;

describe("a kill switch whose cancels leave through a link", () => {
  it("ends all orders of the firm, and knows it from the venue", async () => {
    const world = new SwitchWorld(5, 4_000);
    await world.begin();
    await world.time.runTo(800 * MS);
    const before = world.open();
    expect(before).toBeGreaterThan(3);
    expect(Array.from(world.way.open(null)).length).toBe(before);
    world.trader.hold(0, true);
    expect(world.kill.activate({ ...asked, scope: null }, world.time.nowNs()).ok).toBe(true);
    await world.steps(2_500 * MS);
    const report = world.kill.report(null);
    expect([report?.complete, report?.unknown]).toEqual([true, 0]);
    expect(report?.confirmed).toBeGreaterThanOrEqual(before - 1);
    expect(world.confirmed).toBeGreaterThanOrEqual(before - 1);
    expect([world.open(), world.truth().venue.open]).toEqual([0, 0]);
  });

  it("ends the orders of one strategy, and leaves those of the other", async () => {
    const world = new SwitchWorld(5, 4_000);
    await world.begin();
    await world.time.runTo(800 * MS);
    world.trader.hold(0, true);
    const [mine, other] = [world.open(0), world.open(1)];
    expect(Math.min(mine, other)).toBeGreaterThan(0);
    const scope = { kind: "strategy", name: "second" } as const;
    expect(Array.from(world.way.open(scope)).length).toBe(other);
    expect(world.kill.activate({ ...asked, scope }, world.time.nowNs()).ok).toBe(true);
    await world.steps(1_200 * MS);
    expect(world.kill.report(scope)?.complete).toBe(true);
    expect(world.open(1)).toBe(0);
    expect(world.open(0)).toBeGreaterThan(0);
  });

  it("finds what the account has beside the session, and ends it too", async () => {
    const world = new SwitchWorld(5, 4_000);
    await world.begin();
    await world.time.runTo(300 * MS);
    world.trader.hold(0, true);
    const { instrument } = world;
    const terms = {
      instrument,
      clientOrderId: "somebody",
      side: "buy",
      type: "limit",
      timeInForce: "GTC",
    } as const;
    await world.soon(
      world.client.submit({
        ...{ ...terms, postOnly: false, reduceOnly: false, priceTicks: 10, stopTicks: 0, lots: 3 },
        ...{ displayLots: 0, expireNs: Number.POSITIVE_INFINITY },
      }),
    );
    world.kill.activate({ ...asked, scope: null }, world.time.nowNs());
    await world.steps(2_000 * MS);
    expect(world.kill.report(null)?.complete).toBe(true);
    expect(world.truth().venue.open).toBe(0);
  });

  it("is told nothing of a venue that was not prepared", () => {
    const way = new LinkKillVenue({ name: "mem" });
    expect(() => way.cancel(1)).toThrow("linkKillVenue");
    expect([...way.open(null), way.includes({ kind: "venue", name: "mem" }, "mem", 1)]).toEqual([false]);
  });
});

describe("cancels of one strategy's orders at a linked venue", () => {
  it("reach orders whose id at the venue nobody knows yet, by their client order ids", async () => {
    const world = new SwitchWorld(5, 4_000);
    await world.begin();
    await world.time.runTo(800 * MS);
    const names: VenueOrderName[] = [];
    const { client } = world;
    const cancel = client.cancel.bind(client);
    client.cancel = (name, id) => {
      names.push(name);
      return cancel(name, id);
    };
    // Requests without an answer yet: nobody knows the venue's id of these orders.
    client.submit = () => new Promise(() => {});
    await world.time.runTo(895 * MS);
    const { kernel } = world.trader.session;
    const { orders } = kernel;
    const held = Array.from(orders.id.keys()).filter((row) => (orders.id[row] as number) > 0);
    held.sort((left, right) => (orders.id[left] as number) - (orders.id[right] as number));
    const views = world.linked.desk.localView(kernel.nowNs[0] as number).orders;
    const mine = views.filter((_, i) => {
      const row = held[i] as number;
      return orders.isOpen(row) && orders.strategy[row] === 0;
    });
    expect(mine.filter(({ orderId }) => orderId === undefined).length).toBeGreaterThan(0);
    names.length = 0;
    world.linked.cancelOpen(world.time.nowNs(), undefined, 0);
    const canceled = names.map(({ clientOrderId }) => clientOrderId);
    for (const { clientOrderIds } of mine) {
      expect(clientOrderIds.filter((id) => canceled.includes(id)).length).toBe(1);
    }
    expect(canceled.length).toBe(mine.length);
  });
});
