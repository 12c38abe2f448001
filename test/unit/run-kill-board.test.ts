import { describe, expect, it } from "vitest";
import { BOARD_READ, BOARD_STATE, KillScopes, OpenOrderBoard, OpenOrderEntry } from "../../src/risk/index.ts";
import { LinkedVenue, type LinkedVenueOptions, type LiveTraderOptions } from "../../src/run/index.ts";
import type { VenueClient, VenueOrderTerms } from "../../src/venue/index.ts";
import { LiveWorld, MS } from "../fixtures/live-world.ts";

const ROWS = 256;
const SCOPES = new KillScopes({ venue: ["mem"], strategy: ["other", "session-strategy"], symbol: ["ABC"] });

/** What stands on a board, by the ids that cancel. */
function read(board: OpenOrderBoard): Map<string, OpenOrderEntry> {
  const found = new Map<string, OpenOrderEntry>();
  for (let slot = 0; slot < board.highWater; slot++) {
    const entry = new OpenOrderEntry();
    if (board.read(slot, entry) === BOARD_READ.open) found.set(entry.id, entry);
  }
  return found;
}

/** A live trader whose orders are published, and what was not on the board when it left. */
class BoardWorld extends LiveWorld {
  readonly board = new OpenOrderBoard(2 * ROWS);
  readonly missed: string[] = [];
  sent = 0;

  async begin(more: Partial<LinkedVenueOptions> = {}): Promise<void> {
    const made = (): readonly LinkedVenue[] => [
      new LinkedVenue({
        ...{ client: this.#watched(), stations: [0], link: { requestTimeoutNs: 100 * MS } },
        rules: { ackTimeoutNs: 100 * MS, graceNs: 60_000 * MS, orphans: "cancel" },
        schedule: { startNs: 0, intervalNs: 2_000 * MS, retryNs: 100 * MS },
        killBoard: { board: this.board, venue: 3, scopes: SCOPES },
        ...more,
      }),
    ];
    // The client is made anew by each start, before this is read.
    const options = Object.defineProperty({ orderCapacity: ROWS }, "venues", { enumerable: true, get: made });
    await this.start(options as Partial<LiveTraderOptions>);
  }

  /** The ids of open orders at the venue. */
  there(): string[] {
    const { orders = [] } = this.venue.query({ sections: ["orders"] });
    return orders.filter(({ state }) => state === "open").map(({ clientOrderId }) => clientOrderId ?? "");
  }

  #watched(): VenueClient {
    const { client, board } = this;
    const look = ({ clientOrderId }: VenueOrderTerms): void => {
      this.sent += 1;
      if (!read(board).has(clientOrderId)) this.missed.push(clientOrderId);
    };
    const submit = (terms: VenueOrderTerms) => {
      look(terms);
      return client.submit(terms);
    };
    const replace = (...args: Parameters<VenueClient["replace"]>) => {
      look(args[1]);
      return client.replace(...args);
    };
    return new Proxy<VenueClient>(client, {
      get: (of, key) => {
        if (key === "submit") return submit;
        if (key === "replace") return replace;
        const value: unknown = Reflect.get(of, key);
        return typeof value === "function" ? value.bind(of) : value;
      },
    });
  }
}

describe("orders of a linked venue on the board of a kill agent", () => {
  it("stand there before they leave, and until they are known to be over", async () => {
    const world = new BoardWorld(7, 3_000);
    await world.begin();
    world.unrest(4_000 * MS, true);
    let looked = 0;
    for (let ms = 50; ms <= 4_000; ms += 50) {
      await world.time.runTo(ms * MS);
      // What is open at the venue may be canceled by what stands on the board, at every moment.
      const published = read(world.board);
      const lost = world.there().filter((id) => !published.has(id));
      expect(lost).toEqual([]);
      looked += published.size;
    }
    world.client.requestFaults.length = world.client.reportFaults.length = 0;
    expect([world.missed, world.sent > 100, looked > 100]).toEqual([[], true, true]);
    await world.soon(world.trader.stop());
    expect([world.board.open, world.there()]).toEqual([0, []]);
  }, 120_000);

  it("say what is known of them", async () => {
    const world = new BoardWorld(7, 600);
    await world.begin();
    await world.time.runTo(300 * MS);
    const published = [...read(world.board).values()];
    expect(published.length).toBeGreaterThan(2);
    for (const { venue, instrument, scopes, side, priceTicks, state } of published) {
      expect([venue, instrument, Math.abs(side), priceTicks > 0]).toEqual([3, 0, 1, true]);
      expect([...scopes.filter((scope) => scope > 0)]).toEqual([1, 3, 4]);
      expect([BOARD_STATE.sent, BOARD_STATE.live, BOARD_STATE.canceling]).toContain(state);
    }
    expect(published.some(({ state }) => state === BOARD_STATE.live)).toBe(true);
  });

  it("are published again after a crash, and nothing of the process that died is left", async () => {
    const world = new BoardWorld(11, 3_000);
    await world.begin();
    await world.time.runTo(900 * MS);
    await world.crash();
    // What the venue has is in the journal: it is on the board when the next process begins.
    const stale = new OpenOrderEntry();
    Object.assign(stale, { id: "stale", venue: 3 });
    world.board.publish(2 * ROWS - 1, stale);
    await world.begin();
    expect(read(world.board).has("stale")).toBe(false);
    const published = read(world.board);
    expect(world.there().filter((id) => !published.has(id))).toEqual([]);
    expect(published.size).toBeGreaterThan(0);
    await world.soon(world.trader.stop());
    expect(world.board.open).toBe(0);
  }, 120_000);

  it("need a board that is large enough, and one at all", async () => {
    const small = new OpenOrderBoard(ROWS);
    const world = new BoardWorld(7, 10);
    await expect(world.begin({ killBoard: { board: small, venue: 0 } })).rejects.toThrow(
      "at least 512 slots",
    );
    const client = {} as VenueClient;
    const rules = { ackTimeoutNs: 1, graceNs: 1, orphans: "cancel" } as const;
    for (const [killBoard, path] of [
      [{ board: {}, venue: 0 }, "linkedVenue.killBoard.board"],
      [{ board: small, venue: -1 }, "linkedVenue.killBoard.venue"],
      [{ board: small, venue: 0, scope: 1 }, "linkedVenue.killBoard.scope"],
    ] as const) {
      expect(
        () => new LinkedVenue({ client, stations: [0], rules, killBoard } as unknown as LinkedVenueOptions),
      ).toThrow(path);
    }
  });
});
