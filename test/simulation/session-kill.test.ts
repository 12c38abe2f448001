import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";
import { Prng } from "../../src/base/index.ts";
import { readJournal } from "../../src/host/index.ts";
import { readSending, replaySession, SESSION, type SessionRecord } from "../../src/run/index.ts";
import { INSTRUMENTS, sessionOptions } from "../fixtures/session-desk.ts";
import { SessionVenue, type VenueRequest } from "../fixtures/session-venue.ts";

const TRADER = fileURLToPath(new URL("../fixtures/session-process.ts", import.meta.url));
/** More by TICKWRIGHT_SESSION_KILLS; each tenth is compared with a replay from the first record, and the last. */
const KILLS = Number(process.env.TICKWRIGHT_SESSION_KILLS ?? 10);
const SEED = Number(process.env.TICKWRIGHT_SEED ?? 11);
const folder = mkdtempSync(join(tmpdir(), "tickwright-session-kill-"));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Hello {
  readonly isNew: boolean;
  readonly runHash: string;
  readonly unsent: number;
  readonly inputs: number;
  readonly snapshotSeq: number;
  readonly difference?: unknown;
  readonly unusable: readonly unknown[];
}

interface Bye {
  readonly positions: number[];
  readonly runHash: string;
}

interface Life {
  readonly hello: Hello;
  readonly bye: Bye | undefined;
  readonly sends: number;
}

/** When a life ends: so long after its first send, or after it was ready to trade. */
interface End {
  readonly afterMs: number;
  readonly isBusy: boolean;
}

/** A life that sends nothing ends all the same. */
const IDLE_MS = 3000;

/** One life of the process: it trades with the venue until it is killed, or told to stop. */
async function live(venue: SessionVenue, seed: number, end: End | undefined): Promise<Life> {
  const child = spawn(process.execPath, [TRADER, folder, String(seed)], { stdio: ["pipe", "pipe", "pipe"] });
  let errors = "";
  let rest = "";
  let hello: Hello | undefined;
  let bye: Bye | undefined;
  let sends = 0;
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  child.stdin.on("error", () => {});
  let timer: NodeJS.Timeout | undefined;
  const killIn = (ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => child.kill("SIGKILL"), ms);
  };
  const tell = (line: unknown): void => void child.stdin.write(`${JSON.stringify(line)}\n`);
  const tellAll = (most: number): void => {
    for (let k = 0; k < most; k++) {
      const word = venue.next();
      if (word === undefined) return;
      tell({ word });
    }
  };
  let isStopping = false;
  const stop = (): void => {
    isStopping = true;
    tellAll(Number.POSITIVE_INFINITY);
    tell({ stop: 1 });
  };
  const take = (text: string): void => {
    const line = JSON.parse(text) as {
      hello?: Hello;
      send?: VenueRequest;
      ask?: { instrument: number; id: number; lots: number };
      asked?: 1;
      bye?: Bye;
    };
    if (line.hello !== undefined) hello = line.hello;
    if (line.send !== undefined) {
      sends += 1;
      if (sends === 1 && end?.isBusy === true) killIn(end.afterMs);
      venue.take(line.send);
      // What trades once it was told to stop, nobody would tell it.
      if (sends % 3 === 0 && !isStopping) venue.trade();
      tellAll(2);
    }
    if (line.ask !== undefined) venue.tell(line.ask.instrument, line.ask.id, line.ask.lots);
    if (line.asked !== undefined) {
      tellAll(Number.POSITIVE_INFINITY);
      tell({ told: 1 });
      if (end === undefined) setTimeout(stop, 200);
      else if (!end.isBusy) killIn(end.afterMs);
      else if (sends === 0) killIn(IDLE_MS);
    }
    if (line.bye !== undefined) bye = line.bye;
  };
  child.stdout.on("data", (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split("\n");
    rest = lines.pop() ?? "";
    for (const text of lines) take(text);
  });
  const how = await new Promise((done, fail) => {
    child.on("error", fail);
    child.on("close", (code, signal) => done(signal ?? code));
  });
  expect(how, errors).toBe(end === undefined ? 0 : "SIGKILL");
  if (hello === undefined) throw new Error(`no hello: ${errors}`);
  venue.disconnect();
  return { hello, bye, sends };
}

function recordsOf(): SessionRecord[] {
  const records: SessionRecord[] = [];
  readJournal(folder, ({ seq, type, payload }) => void records.push({ seq, type, payload: payload.slice() }));
  return records;
}

it(
  `${KILLS} trading processes killed under load: nothing the venue saw is lost, nothing is sent twice (seed ${SEED})`,
  async () => {
    const rng = new Prng(SEED);
    const venue = new SessionVenue(SEED, INSTRUMENTS.length);
    let sends = 0;
    let unsent = 0;
    let replays = 0;
    let expected: string | undefined;
    for (let k = 0; k <= KILLS; k++) {
      const isLast = k === KILLS;
      const end = { afterMs: 5 + rng.float() * 150, isBusy: rng.float() < 0.8 };
      const life = await live(venue, k + 1, isLast ? undefined : end);
      const where = `life ${k}`;
      expect(life.hello.difference, where).toBeUndefined();
      expect(life.hello.unusable, where).toEqual([]);
      if (expected !== undefined) expect(life.hello.runHash, where).toBe(expected);
      expected = undefined;
      sends += life.sends;
      unsent += life.hello.unsent;
      expect(venue.repeated, where).toEqual([]);
      if (k % 10 === 9 || k >= KILLS - 1) {
        const records = recordsOf();
        const known = new Set<string>();
        for (const { type, payload } of records) {
          if (type !== SESSION.sending) continue;
          const { kind, id } = readSending(new DataView(payload.buffer, payload.byteOffset));
          if (kind === "order") known.add(String(id));
        }
        for (const id of venue.orders.keys())
          expect(known.has(String(id)), `${where}: order ${id}`).toBe(true);
        const replay = replaySession(records, sessionOptions());
        expect(replay.difference, where).toBeUndefined();
        expect(replay.sendDifference, where).toBeUndefined();
        expected = replay.runHash;
        replays += 1;
        if (life.bye !== undefined)
          expect(replay).toMatchObject({ isIdentical: true, runHash: life.bye.runHash });
      }
      if (isLast) expect(life.bye?.positions).toEqual(venue.positions);
    }
    console.log(
      `${KILLS} kills, ${sends} requests sent, ${venue.orders.size} orders at the venue, ${unsent} decided and never sent, ${replays} replays from the first record equal`,
    );
    expect(sends).toBeGreaterThan(KILLS * 5);
  },
  60_000 + KILLS * 5000,
);
