import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { CancelSession } from "../../src/port/index.ts";
import type { OpenCancelSession } from "../../src/run/index.ts";
import { openCancelSession } from "../../src/venue/binance-cancel.ts";
import { BTCUSDT, KEY, Rehearsal } from "../fixtures/exchange.ts";

const ETHUSDT = { ...BTCUSDT, symbol: "ETHUSDT", base: "ETH" };

/** What a session said, in order. */
class Ear {
  readonly canceled: string[] = [];
  readonly rejected: string[] = [];
  readonly lists: (readonly string[])[] = [];
  readonly downs: string[] = [];
  signs = 0;
  readonly events = {
    alive: (): void => void (this.signs += 1),
    canceled: (id: string): void => void this.canceled.push(id),
    rejected: (id: string, reason: string): void => void this.rejected.push(`${id} ${reason}`),
    open: (ids: readonly string[]): void => void this.lists.push(ids),
    down: (reason: string): void => void this.downs.push(reason),
  };
}

let desk: Rehearsal;
let folder: string;
const sessions: CancelSession[] = [];

beforeEach(async () => {
  vi.stubEnv("CANCEL_TEST_API_KEY", KEY.apiKey);
  vi.stubEnv("CANCEL_TEST_SECRET", KEY.secret);
  folder = mkdtempSync(join(tmpdir(), "cancel-keys-"));
  desk = await new Rehearsal({ markets: [{ instrument: BTCUSDT }, { instrument: ETHUSDT }] }).start();
  desk.book();
  // The exchange's clock goes on as the session's does.
  Object.defineProperty(desk.clock, "ns", { get: () => BigInt(Date.now()) * 1_000_000n });
});

afterEach(async () => {
  for (const session of sessions.splice(0)) session.close();
  await desk.close();
  rmSync(folder, { recursive: true, force: true });
  vi.unstubAllEnvs();
});

async function open(ear: Ear, more: object = {}): Promise<CancelSession> {
  const options = {
    symbols: ["BTCUSDT", "ETHUSDT"],
    keys: "CANCEL_TEST",
    url: desk.server.urls.wsApi,
    ...more,
  };
  const opened: OpenCancelSession = openCancelSession;
  const session = await opened(options, ear.events);
  sessions.push(session);
  return session;
}

async function rest(count: number, prefix = "r"): Promise<string[]> {
  const names = Array.from({ length: count }, (_, i) => `${prefix}${i}`);
  for (const newClientOrderId of names) await desk.limit("BUY", "99.00", "0.1", { newClientOrderId });
  return names;
}

const target = (id: string, instrument = 0, side = 1) => ({ id, instrument, side });

describe("a cancel session at Binance", () => {
  it("cancels one by one, many at once, and says of each what became of it", async () => {
    const ear = new Ear();
    const session = await open(ear);
    const names = await rest(5);
    expect(session.cancel([...names, "stranger"].map((id) => target(id)))).toBe(6);
    await vi.waitFor(() => expect(ear.rejected).toEqual(["stranger not open, or not there yet"]));
    expect(ear.canceled).toEqual(names);
    expect(desk.server.truth("alice").openOrders).toEqual([]);
  });

  it("cancels a symbol's orders in one message, and lists those of all symbols", async () => {
    const ear = new Ear();
    const session = await open(ear);
    const names = await rest(3);
    session.queryOpen();
    await vi.waitFor(() => expect(ear.lists).toEqual([names]));
    session.massCancel?.();
    await vi.waitFor(() => expect([...ear.canceled].sort()).toEqual(names));
    session.queryOpen();
    await vi.waitFor(() => expect(ear.lists.at(-1)).toEqual([]));
  });

  it("knows the symbol of what it listed, though it stands on no board", async () => {
    const ear = new Ear();
    const session = await open(ear);
    const [name = ""] = await rest(1);
    session.cancel([target(name, 0, 0)]);
    await vi.waitFor(() => expect(ear.rejected).toEqual([`${name} no symbol is known of it`]));
    session.queryOpen();
    await vi.waitFor(() => expect(ear.lists.length).toBe(1));
    session.cancel([target(name, 1, 0)]);
    await vi.waitFor(() => expect(ear.canceled).toEqual([name]));
  });

  it("gives no list where one of the symbols gave none", async () => {
    const ear = new Ear();
    const session = await open(ear);
    desk.server.faults.add({ kind: "internalAfter", on: "queryOrder" });
    const { signs } = ear;
    session.queryOpen();
    await vi.waitFor(() => expect(ear.signs).toBeGreaterThan(signs));
    session.queryOpen();
    await vi.waitFor(() => expect(ear.lists.length).toBe(1));
  });

  it("gives signs of life, and says when its connection is gone", async () => {
    const ear = new Ear();
    const session = await open(ear);
    session.heartbeat();
    await vi.waitFor(() => expect(ear.signs).toBeGreaterThan(0));
    desk.server.faults.dropStreams();
    await vi.waitFor(() => expect(ear.downs.length).toBe(1));
  });

  it("reads keys from a file that is its owner's alone", async () => {
    const file = join(folder, "keys.json");
    writeFileSync(file, JSON.stringify(KEY), { mode: 0o600 });
    await open(new Ear(), { keys: { file } });
    chmodSync(file, 0o644);
    await expect(open(new Ear(), { keys: { file } })).rejects.toThrow("nobody but its owner");
    chmodSync(file, 0o600);
    writeFileSync(file, `{"apiKey":"${KEY.apiKey}"`);
    const fault = (await open(new Ear(), { keys: { file } }).catch((error: unknown) => error)) as Error;
    expect(fault.message).toContain("a JSON file with apiKey and secret");
    expect(`${fault.message} ${fault.stack} ${String(fault.cause)}`).not.toContain(KEY.apiKey);
  });

  it("says what is wrong with its options and its keys, and not the keys", async () => {
    const cases: readonly (readonly [object, string])[] = [
      [{ keys: "NOBODY" }, "NOBODY_API_KEY"],
      [{ symbols: [] }, "binanceCancel.symbols"],
      [{ url: "http://127.0.0.1" }, "binanceCancel.url"],
      [{ extra: 1 }, "extra"],
      [{ url: "ws://127.0.0.1:9/x" }, "FAULT_IO"],
    ];
    for (const [more, words] of cases) await expect(open(new Ear(), more)).rejects.toThrow(words);
    vi.stubEnv("CANCEL_TEST_SECRET", "another secret of mine");
    const fault = (await open(new Ear()).catch((error: unknown) => error)) as Error;
    expect(fault.message).toContain("-1022");
    expect(`${fault.message} ${fault.stack}`).not.toMatch(/another secret|AAAA/);
  });
});
