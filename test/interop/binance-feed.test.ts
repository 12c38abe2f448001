import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type BinanceFeed, binanceInstruments } from "../../src/venue/binance.ts";
import { expectTrueBook, FeedEar, quickFeed, spotInstrument, until } from "../fixtures/feed-ear.ts";
import { LoopbackBinance, type SnapshotMood } from "../fixtures/loopback-binance.ts";
import { realMarket, SimulatedMarket } from "../fixtures/played-market.ts";

const ALL = ["depth", "trades", "quotes"] as const;
const BTC = spotInstrument();

describe("BinanceFeed at a loopback exchange, a simulated market", () => {
  let market: SimulatedMarket;
  let exchange: LoopbackBinance;
  let ear: FeedEar;
  let feed: BinanceFeed;

  beforeEach(async () => {
    market = new SimulatedMarket(11);
    exchange = new LoopbackBinance([market]);
    await exchange.open();
    ear = new FeedEar();
    feed = quickFeed(exchange, ear);
  });

  afterEach(async () => {
    await feed.close();
    await exchange.close();
  });

  async function live(): Promise<void> {
    await feed.open(ear);
    await feed.subscribe(BTC, ALL);
    exchange.play(10);
    await arrived();
  }

  async function arrived(): Promise<void> {
    await until("all diffs arrived", () => ear.lastDepth === market.lastId && feed.isSynced(BTC));
  }

  /** The book is true, and what was told is what the lines say. */
  function expectTruth(): void {
    expectTrueBook(feed, market);
    expect(ear.meta().contentSha256).toBe(ear.imported().contentSha256);
  }

  it("joins diffs to a snapshot and tells rows, whose lines import to the same rows", async () => {
    await live();
    exchange.play(300);
    await arrived();
    expectTruth();
    expect(ear.troubles).toEqual([]);
    expect(ear.said).toEqual(["connected"]);
    expect(ear.kinds.get("snapshot")).toBe(1);
    expect(ear.kinds.get("trades")).toBeGreaterThan(20);
    expect(ear.kinds.get("quotes")).toBeGreaterThan(20);
  });

  it("connects and subscribes again, and takes the book anew where diffs were missed", async () => {
    await live();
    exchange.disconnect();
    exchange.play(30);
    await until("it subscribed again", () => exchange.connections === 2 && exchange.streams === 3);
    exchange.play(30);
    await arrived();
    expectTruth();
    expect(ear.said).toEqual(["connected", "VENUE_DISCONNECTED", "connected", "gap"]);
    expect(ear.kinds.get("snapshot")).toBe(2);
  });

  it("replaces a connection that grows old without missing anything", async () => {
    await feed.close();
    feed = quickFeed(exchange, ear, { renewMs: 60 });
    await live();
    const playing = setInterval(() => exchange.play(1), 1);
    await until("it was replaced twice", () => exchange.connections >= 4 && exchange.sockets === 1);
    clearInterval(playing);
    await arrived();
    expectTruth();
    expect(ear.said).toEqual(["connected"]);
    expect(ear.kinds.get("snapshot")).toBe(1);
    expect(ear.troubles).toEqual([]);
  });

  it("keeps a connection whose successor is refused, and tries again", async () => {
    await feed.close();
    feed = quickFeed(exchange, ear, { renewMs: 40 });
    await live();
    exchange.refusesSubscriptions = true;
    await until("a successor was refused", () => ear.troubles.length > 1);
    exchange.play(20);
    await arrived();
    exchange.refusesSubscriptions = false;
    const { connections } = exchange;
    await until("it was replaced", () => exchange.connections > connections && exchange.sockets === 1);
    exchange.play(20);
    await arrived();
    expectTruth();
    expect(ear.said).toEqual(["connected"]);
  });

  it("tells a gap at once and goes on from the next snapshot", async () => {
    await live();
    let left = 3;
    exchange.play(40, (text) => (text.includes("depthUpdate") && left-- > 0 ? [] : [text]));
    await arrived();
    expectTruth();
    expect(ear.said).toEqual(["connected", "gap"]);
    expect(feed.counts(BTC).gap).toBe(1);
  });

  it("drops what comes twice", async () => {
    await live();
    exchange.play(60, (text) => [text, text]);
    await arrived();
    expectTruth();
    expect(ear.said).toEqual(["connected"]);
    expect(feed.counts(BTC).duplicate).toBeGreaterThan(20);
  });

  it("gives up a connection that is half open", async () => {
    await feed.close();
    feed = quickFeed(exchange, ear, { silenceMs: 60 });
    await live();
    expect(ear.said).toEqual(["connected"]);
    exchange.isHalfOpen = true;
    await until("it gave up", () => ear.said.includes("VENUE_TIMEOUT"));
    exchange.isHalfOpen = false;
    await until("it subscribed again", () => exchange.streams === 3);
    exchange.play(20);
    await arrived();
    expectTruth();
  });

  it("says that it lives while nothing comes", async () => {
    await live();
    const before = ear.alives;
    await until("pongs came", () => ear.alives > before + 2);
    expect(ear.said).toEqual(["connected"]);
  });

  it("meets what it cannot read with trouble, and reads on", async () => {
    await live();
    const head = '{"stream":"btcusdt@depth@100ms","data":';
    const bad: (string | Uint8Array)[] = [
      "",
      "{",
      "[1,2]",
      "null",
      "\u0000\u0001",
      `${head}{"e":"depthUpdate","E":1,`,
      `${head}{"e":"depthUpdate","E":1723161600000,"s":"BTCUSDT","U":"x","u":1,"b":[],"a":[]}}`,
      `${head}{"e":"depthUpdate",\n"E":1}}`,
      `${head}{"e":"liquidation","s":"BTCUSDT"}}`,
      '{"stream":"dogeusdt@trade","data":{"e":"trade"}}',
      '{"stream":"btcusdt@trade","data":{"e":"trade","E":1,"s":"BTCUSDT","t":-4,"p":"1","q":"1","T":9,"m":true}}',
      Uint8Array.of(1, 2, 3),
      Buffer.from(`${head}\xff\xfe}`, "latin1"),
    ];
    for (const each of bad) exchange.send(each);
    exchange.play(40);
    await arrived();
    expectTruth();
    expect(ear.said).toEqual(["connected"]);
    expect(ear.troubles.length).toBe(bad.length);
    const codes = new Set(ear.troubles.map(({ code }) => code));
    expect([...codes].sort()).toEqual(["VENUE_MALFORMED", "VENUE_UNSUPPORTED"]);
  });

  it("takes the slow path for JSON that is not written as the exchange writes it", async () => {
    await live();
    exchange.play(60, (text) => [JSON.stringify(JSON.parse(text), null, 1).replaceAll("\n", "")]);
    await arrived();
    expectTruth();
    expect(ear.troubles).toEqual([]);
  });

  it("ends the connection at a frame that is too large, and comes back", async () => {
    await feed.close();
    feed = quickFeed(exchange, ear, { frameBytesMax: 16_384 });
    await live();
    exchange.send(`{"stream":"btcusdt@depth@100ms","data":"${"x".repeat(20_000)}"}`);
    await until("it came back", () => exchange.connections === 2 && exchange.streams === 3);
    exchange.play(20);
    await arrived();
    expectTruth();
    expect(ear.said.slice(0, 3)).toEqual(["connected", "VENUE_TOO_LARGE", "connected"]);
    expect(ear.troubles.map(({ code }) => code)).toEqual(["VENUE_TOO_LARGE"]);
  });

  it.each<[SnapshotMood, string]>([
    ["slow", "VENUE_TIMEOUT"],
    ["limited", "VENUE_RATE_LIMITED"],
    ["broken", "VENUE_SERVER"],
    ["garbage", "VENUE_MALFORMED"],
    ["huge", "VENUE_TOO_LARGE"],
    ["cut", "VENUE_DISCONNECTED"],
  ])("asks for the snapshot again where its answer is %s", async (mood, code) => {
    await feed.close();
    feed = quickFeed(exchange, ear, { snapshotBytesMax: 100_000, timeoutMs: 100 });
    exchange.snapshots = mood;
    await feed.open(ear);
    await feed.subscribe(BTC, ALL);
    exchange.play(10);
    await until("it was refused twice", () => ear.troubles.length >= 2);
    expect(feed.isSynced(BTC)).toBe(false);
    exchange.snapshots = "well";
    exchange.play(10);
    await arrived();
    expectTruth();
    expect(new Set(ear.troubles.map((trouble) => trouble.code))).toEqual(new Set([code]));
  });

  it("holds diffs while a slow snapshot is on its way", async () => {
    exchange.snapshots = "slow";
    await feed.open(ear);
    await feed.subscribe(BTC, ALL);
    exchange.play(100);
    await until("the snapshot was asked for", () => exchange.snapshotsAsked === 1);
    exchange.play(100);
    expect(ear.messages).toBe(0);
    await arrived();
    expectTruth();
    expect(exchange.snapshotsAsked).toBe(1);
  });

  it("tells a snapshot when asked for one", async () => {
    await live();
    await feed.requestSnapshot(BTC);
    expect(ear.kinds.get("snapshot")).toBe(2);
    exchange.play(20);
    await arrived();
    expectTrueBook(feed, market);
    exchange.snapshots = "broken";
    await expect(feed.requestSnapshot(BTC)).rejects.toThrow("VENUE_SERVER");
  });

  it("reads messages in fragments", async () => {
    exchange.fragments = 7;
    await live();
    exchange.play(100);
    await arrived();
    expectTruth();
    expect(ear.troubles).toEqual([]);
  });

  it("hands on every message as it came where it joins nothing", async () => {
    await feed.close();
    feed = quickFeed(exchange, ear, { joins: false });
    await feed.open(ear);
    await feed.subscribe(BTC, ["depth"]);
    let skipped = 0;
    exchange.play(60, (text) => (text.includes("depthUpdate") && skipped++ === 3 ? [] : [text]));
    await until("all diffs arrived", () => ear.lastDepth === market.lastId);
    expect(ear.said).toEqual(["connected"]);
    expect(ear.kinds.get("snapshot")).toBe(undefined);
    await feed.requestSnapshot(BTC);
    expect(ear.kinds.get("snapshot")).toBe(1);
  });

  it("refuses to open where nobody listens, and says that a stream is refused", async () => {
    const nobody = quickFeed(exchange, ear, { streamUrl: "ws://127.0.0.1:1/stream" });
    await expect(nobody.open(ear)).rejects.toThrow("VENUE_UNREACHABLE");
    await feed.open(ear);
    exchange.refusesSubscriptions = true;
    await expect(feed.subscribe(BTC, ALL)).rejects.toThrow("VENUE_UNKNOWN_INSTRUMENT");
  });

  it("knows instruments by their symbols", async () => {
    const [instrument] = await binanceInstruments({ symbols: ["BTCUSDT"], restUrl: exchange.restUrl });
    expect(instrument?.describe()).toMatchObject({ tickSize: "0.01", lotSize: "0.00001", symbol: "BTCUSDT" });
    const unknown = binanceInstruments({ symbols: ["NOPE"], restUrl: exchange.restUrl });
    await expect(unknown).rejects.toThrow("NOPE");
  });
});

describe("BinanceFeed at a loopback exchange, more", () => {
  it("keeps two instruments apart over one connection", async () => {
    const markets = [new SimulatedMarket(1), new SimulatedMarket(2, "ETHUSDT")];
    const exchange = new LoopbackBinance(markets);
    await exchange.open();
    const ears = markets.map(({ symbol }) => new FeedEar(spotInstrument(symbol)));
    const ids = new Map<string, number>();
    const feed = quickFeed(exchange, ears[0] as FeedEar, { onLine: () => {} });
    await feed.open({
      message: (_source, { instrument, channel, lastSequence }) => {
        if (channel === "depth") ids.set(instrument.symbol, lastSequence);
      },
      alive: () => {},
      connected: () => {},
      disconnected: () => {},
      trouble: (_source, { words }) => expect.unreachable(words),
    });
    for (const { symbol } of markets) await feed.subscribe(spotInstrument(symbol), ALL);
    exchange.play(200);
    await until("all diffs arrived", () => markets.every(({ symbol, lastId }) => ids.get(symbol) === lastId));
    for (const market of markets) expectTrueBook(feed, market);
    await feed.close();
    await exchange.close();
  });

  const real = realMarket();
  if (real === undefined)
    console.log("binance-feed: the real capture is absent; set TICKWRIGHT_DATA to test with it");

  it.skipIf(real === undefined)(
    "plays the real capture through faults to its book",
    { timeout: 60_000 },
    async () => {
      if (real === undefined) return;
      const exchange = new LoopbackBinance([real]);
      await exchange.open();
      const ear = new FeedEar();
      const feed = quickFeed(exchange, ear);
      await feed.open(ear);
      await feed.subscribe(BTC, ALL);
      const arrived = () =>
        until("all diffs arrived", () => ear.lastDepth === real.lastId && feed.isSynced(BTC));
      for (let round = 0; round < 6; round++) {
        let diffs = 0;
        exchange.play(1_500, (text) => {
          if (!text.includes("depthUpdate")) return [text];
          diffs += 1;
          if (diffs === 20 && round % 3 === 1) return [];
          return diffs % 40 === 30 ? [text, text] : [text];
        });
        if (round === 2) exchange.disconnect();
        await until("it is subscribed", () => exchange.streams === 3);
        exchange.play(40);
        await arrived();
        expectTrueBook(feed, real);
      }
      expect(ear.said.filter((each) => each === "gap").length).toBeGreaterThanOrEqual(2);
      expect(ear.meta().contentSha256).toBe(ear.imported().contentSha256);
      await feed.close();
      await exchange.close();
    },
  );
});
