import { type ChildProcessByStdio, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { performance } from "node:perf_hooks";
import process from "node:process";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { Fault } from "../base/index.ts";
import type { DrillEvidence } from "./drill-evidence.ts";
import type { DrillBye, DrillHello, DrillLine, DrillOrder } from "./drill-message.ts";
import type { DrillVenue } from "./drill-venue.ts";

/** Words the venue says for each line it gets. */
const WORDS_A_LINE = 2;
/** Lines about the last record that are kept: it is one of the last ones that counts. */
const TICKS_KEPT = 4096;

/** What the process of a drill's session is told. */
export interface DrillLifeOptions {
  readonly folder: string;
  readonly seed: number;
  readonly snapshotRows: number;
  readonly venue: DrillVenue;
  readonly evidence: DrillEvidence;
}

/** The moment a life is ready, and what it had said by then. @units ms of `performance.now` */
export interface DrillReady {
  readonly hello: DrillHello;
  readonly helloAt: number;
  /** The venue has taken the first new order. */
  readonly readyAt: number;
}

/** One life of a drill's trading process, from its start to its death. */
export class DrillLife {
  readonly spawnedAt = performance.now();
  /** Settles when the process is gone and all it had said was read. */
  readonly closed: Promise<void>;
  /** Rejects where the process ends first. */
  readonly ready: Promise<DrillReady>;
  bye: DrillBye | undefined = undefined;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #options: DrillLifeOptions;
  readonly #ticks: (readonly [seq: number, epochMs: number])[] = [];
  #hello: DrillHello | undefined = undefined;
  #helloAt = 0;
  #isKilled = false;
  #errors = "";
  #settle: { readonly done: (ready: DrillReady) => void; readonly fail: (fault: Fault) => void } | undefined;

  constructor(options: DrillLifeOptions) {
    const { folder, seed, snapshotRows } = options;
    this.#options = options;
    const flags = process.execArgv.filter((flag) => /^(-C|--conditions)=/.test(flag));
    const args = [...flags, processFile(), folder, String(seed), String(snapshotRows)];
    this.#child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "pipe"] });
    this.ready = new Promise((done, fail) => {
      this.#settle = { done, fail };
    });
    // Where it is killed while it recovers, nobody waits for it.
    this.ready.catch(() => {});
    this.closed = this.#listen();
  }

  /** Ends the process as a loss of the machine would: nothing of it runs after this. */
  kill(): void {
    this.#isKilled = true;
    this.#child.kill("SIGKILL");
  }

  /** Has it end its session. */
  stop(): void {
    this.#tell({ stop: 1 });
  }

  /** The last record it had appended, durable or not, as far as it said so. */
  get lastSeq(): number {
    return Math.max(this.#hello?.lastSeq ?? 0, this.#ticks.at(-1)?.[0] ?? 0);
  }

  /** When it had appended a record, by the newest line at or before it. @units epoch ms; undefined where no line is */
  appendedMs(seq: number): number | undefined {
    return this.#ticks.findLast(([each]) => each <= seq)?.[1];
  }

  #listen(): Promise<void> {
    const child = this.#child;
    let rest = "";
    child.stdin.on("error", () => {});
    child.stderr.on("data", (chunk: Buffer) => {
      this.#errors += chunk.toString();
    });
    child.stdout.on("data", (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.#take(JSON.parse(line) as DrillLine);
    });
    return new Promise((done, fail) => {
      child.on("error", (cause) => fail(this.#ended(cause.message)));
      child.on("close", (code, signal) => {
        const fault = this.#ended(`exit ${code ?? signal}`);
        this.#settle?.fail(fault);
        if (this.#isKilled || (code === 0 && this.bye !== undefined)) done();
        else fail(fault);
      });
    });
  }

  #take({ hello, send, ask, asked, at, got, bye }: DrillLine): void {
    const { venue, evidence } = this.#options;
    if (hello !== undefined) {
      this.#hello = hello;
      this.#helloAt = performance.now();
    }
    if (send !== undefined) {
      venue.take(send);
      evidence.sent(send);
      if (send.what === "order") this.#isReady();
    }
    if (at !== undefined) this.#tick(at);
    if (got !== undefined) for (const execId of got) evidence.got(execId);
    if (ask !== undefined) venue.answer(ask);
    if (asked !== undefined) {
      this.#words(Number.POSITIVE_INFINITY);
      this.#tell({ told: 1 });
    }
    if (send !== undefined || at !== undefined) this.#words(WORDS_A_LINE);
    if (bye !== undefined) this.bye = bye;
  }

  #isReady(): void {
    const hello = this.#hello;
    if (hello !== undefined)
      this.#settle?.done({ hello, helloAt: this.#helloAt, readyAt: performance.now() });
    this.#settle = undefined;
  }

  #tick(at: readonly [seq: number, epochMs: number]): void {
    this.#ticks.push(at);
    if (this.#ticks.length > 2 * TICKS_KEPT) this.#ticks.splice(0, TICKS_KEPT);
  }

  #words(most: number): void {
    for (let k = 0; k < most; k++) {
      const word = this.#options.venue.next();
      if (word === undefined) return;
      this.#tell({ word });
    }
  }

  #tell(order: DrillOrder): void {
    this.#child.stdin.write(`${JSON.stringify(order)}\n`);
  }

  #ended(how: string): Fault {
    const value = `${how}: ${this.#errors.trim().slice(0, 2000)}`;
    return new Fault("FAULT_IO", {
      path: "drill.process",
      value,
      expected: "a process that trades until it is killed",
    });
  }
}

/** The process's module: beside this file in the source; in the build this code stands in `dist` or `dist/run`. */
function processFile(): string {
  const names = [
    "./drill-process.ts",
    "./drill-process.js",
    "./run/drill-process.js",
    "../run/drill-process.js",
  ];
  const files = names.map((name) => fileURLToPath(new URL(name, import.meta.url)));
  const found = files.find((file) => existsSync(file));
  if (found !== undefined) return found;
  const expected = "drill-process.js beside this package's code";
  throw new Fault("FAULT_CONFIG", { path: "drill.process", value: import.meta.url, expected });
}
