import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import type { AuditDigest, LinkBatch } from "../../src/audit/index.ts";
import * as plain from "../../src/audit/index.ts";
import * as native from "../../src/audit/native.ts";
import { digestOver, type NativeAudit } from "../../src/audit/native-digest.ts";
import { plainDigest } from "../../src/audit/plain-digest.ts";
import { Fault } from "../../src/base/index.ts";
import { nativeDoor } from "../../src/base/native.ts";
import { verifyAuditFolder } from "../../src/host/index.ts";
import { writeTrail } from "../fixtures/audit-folders.ts";
import { fill, KEY, keptChain, verify } from "../fixtures/audit-trail.ts";
import { describeNative } from "../fixtures/native-here.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const EDGE_BYTES = 96 + 53 * 32;
const [OUTSIDE, TAKEN] = [-1, 1];

/** Two records of 60 bytes behind the room before a block. */
function twoRecords(): plain.AuditBuffer {
  const buffer = new plain.AuditBuffer(200);
  buffer.length = 52;
  for (let i = 0; i < 2; i++) {
    buffer.u32(i);
    buffer.u32(60);
    buffer.raw(new Uint8Array(52).fill(i));
  }
  return buffer;
}

function batchOf(ends: readonly number[]): LinkBatch {
  const memory = new ArrayBuffer(32 + 36 * 4);
  const words = new Uint32Array(memory, 32 * 5, 4);
  words.set(ends);
  const buffer = new plain.AuditBuffer(200);
  return { records: 4, buffer, ends: words, hashes: new Uint8Array(memory, 0, 32 * 5), memory };
}

describe("a digest in TypeScript", () => refusals(() => plainDigest));
describeNative("a native digest", () => refusals(native.nativeAuditDigest));

/** What every digest refuses, and what stays as it was then. */
function refusals(digest: () => AuditDigest): void {
  const wrong = expect.objectContaining({ code: "FAULT_INPUT", path: "auditDigest.records" });

  it("takes no block that reaches past its buffer, or whose records end elsewhere", () => {
    for (const leaves of ["block", "record"] as const) {
      const edge = digest().edge();
      edge.begin(new Uint8Array(32).fill(3));
      const [tip, saved] = [hex(edge.tip), edge.save()];
      for (const to of [-1, 0, 51, 52, 201, 2 ** 31, 2 ** 32 - 1, 2 ** 32 + 172]) {
        expect(() => edge.take(twoRecords(), to, 1, leaves), `to ${to}`).toThrow(wrong);
      }
      for (const [at, length] of [
        [56, 0],
        [56, 7],
        [56, 121],
        [56, 2 ** 32 - 1],
        [116, 59],
      ] as const) {
        const buffer = twoRecords();
        buffer.setU32(at, length);
        const take = (): boolean => edge.take(buffer, 172, 1, leaves);
        if (leaves === "record") expect(take, `${length} at ${at}`).toThrow(wrong);
      }
      expect(edge.take(twoRecords(), 172, 1, leaves, new Uint8Array(32))).toBe(false);
      expect(edge.take(twoRecords(), 172, 1, leaves, new Uint8Array(31))).toBe(false);
      expect([hex(edge.tip), edge.save()]).toEqual([tip, saved]);
      expect(edge.take(twoRecords(), 172, 1, leaves)).toBe(true);
      expect(edge.size).toBe(leaves === "block" ? 1 : 2);
    }
  });

  it("links no records that overlap or reach past their buffer", () => {
    for (const ends of [[31], [40, 39], [40, 233], [40, 2 ** 32 - 1]]) {
      const batch = batchOf(ends);
      expect(() => digest().link(batch, ends.length), String(ends)).toThrow(wrong);
      expect(batch.hashes.every((byte) => byte === 0)).toBe(true);
    }
    expect(() => digest().link(batchOf([40, 40, 40, 40]), 5)).toThrow(wrong);
    digest().link(batchOf([]), 0);
  });

  it("continues an edge that was saved, and none that never was", () => {
    const edge = digest().edge();
    for (let i = 0; i < 5; i++) edge.take(twoRecords(), 172, 1 + 2 * i, "record");
    const saved = JSON.parse(JSON.stringify(edge.save()));
    const later = digest().edge(saved);
    later.begin(edge.tip);
    for (const each of [edge, later]) each.take(twoRecords(), 172, 11, "record");
    expect([hex(later.root()), hex(later.tip), later.save()]).toEqual([
      hex(edge.root()),
      hex(edge.tip),
      edge.save(),
    ]);
    expect(() => digest().edge({ ...saved, peaks: [] })).toThrow("state.peaks");
    expect(hex(digest().edge().root())).toBe(hex(plain.merkleEmptyRoot()));
  });

  it("takes no leaf past 2^53 - 1", () => {
    const peaks = Array.from({ length: 53 }, () => "ab".repeat(32));
    const edge = digest().edge({ version: 1, size: Number.MAX_SAFE_INTEGER, peaks });
    expect(() => edge.take(twoRecords(), 172, 1, "block")).toThrow(
      expect.objectContaining({ code: "FAULT_CAPACITY", path: "size" }),
    );
    expect(edge.save()).toEqual({ version: 1, size: Number.MAX_SAFE_INTEGER, peaks });
  });
}

describeNative("native hashes", () => {
  it("links no records that stand in the memory of their links", () => {
    const batch = batchOf([60, 70]);
    const { records, ends, hashes, memory } = batch;
    const buffer = Object.assign(new plain.AuditBuffer(1), { bytes: new Uint8Array(memory) });
    const shared: LinkBatch = { records, ends, hashes, memory, buffer };
    expect(() => native.nativeAuditDigest().link(shared, 2)).toThrow(/FAULT_INPUT/);
  });

  const door = nativeDoorOrNone();

  it("are not made of memory that was detached", () => {
    const { chain, frames } = keptChain({ digest: native.nativeAuditDigest() });
    fill(chain, 3);
    const before = [hex(chain.tip), chain.treeSize, frames.length];
    structuredClone(chain.buffer.bytes.buffer, { transfer: [chain.buffer.bytes.buffer as ArrayBuffer] });
    expect(() => chain.flush()).toThrow(
      expect.objectContaining({ code: "FAULT_IO", path: "auditChain.digest" }),
    );
    expect([hex(chain.tip), chain.treeSize, frames.length]).toEqual(before);
    expect(() => chain.flush()).toThrow(chain.failure as Fault);

    const links = new native.RecordChain();
    links.append(Uint8Array.of(1));
    structuredClone(links.buffer.bytes.buffer, { transfer: [links.buffer.bytes.buffer as ArrayBuffer] });
    expect(() => links.flush()).toThrow("FAULT_INPUT auditDigest.records");
  });

  it("are not made of memory that another thread may write, nor of what is none", () => {
    const good = (): [ArrayBuffer, ArrayBuffer] => [new ArrayBuffer(32 + 36 * 4), new ArrayBuffer(200)];
    expect(door.link(...good(), 0)).toBe(TAKEN);
    const shrunk = new ArrayBuffer(200, { maxByteLength: 400 });
    shrunk.resize(31);
    const odd: unknown[] = [
      undefined,
      null,
      1,
      "memory",
      {},
      [],
      new Uint8Array(500),
      new DataView(new ArrayBuffer(9)),
    ];
    odd.push(new SharedArrayBuffer(EDGE_BYTES), new ArrayBuffer(0), Symbol.iterator);
    expect(door.take(new ArrayBuffer(EDGE_BYTES - 1), good()[1])).toBe(OUTSIDE);
    for (const each of odd) {
      expect(door.link(each as ArrayBuffer, good()[1], 0)).toBe(OUTSIDE);
      expect(door.take(each as ArrayBuffer, good()[1])).toBe(OUTSIDE);
      expect(door.take(edgeOf(52, 172), each as ArrayBuffer)).toBe(OUTSIDE);
    }
    const [batch] = good();
    new Uint32Array(batch, 32 * 5, 1)[0] = 100;
    for (const each of [...odd, shrunk]) expect(door.link(batch, each as ArrayBuffer, 1)).toBe(OUTSIDE);
    for (const count of [-1, 5, 2 ** 32, Number.NaN, Number.POSITIVE_INFINITY, undefined, "1", {}, 1n]) {
      expect(door.link(batch, good()[1], count as number)).toBe(OUTSIDE);
    }
    expect(Reflect.apply(door.take, undefined, [])).toBe(OUTSIDE);
    expect(Reflect.apply(door.link, undefined, [])).toBe(OUTSIDE);
  });

  it("are verified of chunks in shared memory, whose records are copied first", () => {
    const { chain, bytes } = keptChain();
    fill(chain, 70);
    chain.seal();
    const shared = new Uint8Array(new SharedArrayBuffer(bytes().length));
    shared.set(bytes());
    const digest = native.nativeAuditDigest();
    expect(verify([shared], { digest })).toEqual(verify([bytes()]));
    // A block of a few megabytes, behind a small one.
    const long = keptChain();
    fill(long.chain, 1);
    long.chain.flush();
    fill(long.chain, 3);
    long.chain.seal();
    expect(verify([long.bytes()], { digest }, 7)).toEqual(verify([long.bytes()]));
  });

  it("name what OpenSSL lacks", () => {
    const lacking = { ...door, open: () => "this process offers no EVP_MD_fetch" };
    expect(() => digestOver(lacking)).toThrow(
      new Fault("FAULT_NATIVE_UNAVAILABLE", {
        path: "native.audit",
        value: "this process offers no EVP_MD_fetch",
        expected: "the EVP functions of OpenSSL 3, and a provider of SHA-256",
      }),
    );
  });

  it("that a provider does not make stop a chain, and skip nothing", () => {
    let isFailing = false;
    const failing: NativeAudit = {
      open: () => door.open(),
      failure: () => "SHA256 failed: error:0308010C:digital envelope routines::unsupported",
      link: (...args) => (isFailing ? -3 : door.link(...args)),
      take: (...args) => (isFailing ? -3 : door.take(...args)),
    };
    const digest = digestOver(failing);
    const { chain, frames } = keptChain({ digest });
    fill(chain, 65);
    const emitted = frames.length;
    isFailing = true;
    const io = expect.objectContaining({ code: "FAULT_IO", path: "auditChain.digest" });
    expect(() => chain.flush()).toThrow(io);
    isFailing = false;
    expect(() => fill(chain, 1)).toThrow(io);
    expect(frames.length).toBe(emitted);

    const links = new plain.RecordChain({ digest });
    links.append(Uint8Array.of(1));
    isFailing = true;
    expect(() => links.flush()).toThrow('FAULT_IO auditDigest: found "SHA256 failed: error:0308010C');
    expect([links.size, links.pending, hex(links.head)]).toEqual([0, 1, "00".repeat(32)]);
    isFailing = false;
    links.flush();
    const other = new plain.RecordChain();
    other.append(Uint8Array.of(1));
    other.flush();
    expect(hex(links.head)).toBe(hex(other.head));
  });

  it("are made in threads, each with a context of its own, and threads may be ended meanwhile", async () => {
    const chain = new plain.RecordChain();
    for (let i = 0; i < 2000; i++) chain.append(new Uint8Array(i % 300).fill(i));
    chain.flush();
    const heads = await Promise.all([false, false, true, true].map(headOfThread));
    expect(heads).toEqual([1, 2, 3, 4].map(() => hex(chain.head)));
  });

  it("verify a folder with the same verdict, good or bad", () => {
    const folder = mkdtempSync(join(tmpdir(), "tickwright-audit-"));
    try {
      writeTrail(folder, [70, 30]);
      const options = { key: KEY.verifierKey };
      const verdict = verifyAuditFolder(folder, { ...options, digest: native.nativeAuditDigest() });
      expect(verdict).toMatchObject({ ok: true, records: 100 });
      expect(verdict).toEqual(verifyAuditFolder(folder, options));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

/** The first head that a thread tells; then it is ended, whatever it is at. */
async function headOfThread(isEndless: boolean): Promise<string> {
  const file = new URL("../fixtures/audit-native-worker.ts", import.meta.url);
  const execArgv = ["--conditions=tickwright-source"];
  const worker = new Worker(file, { workerData: { records: 2000, isEndless }, execArgv });
  const [head] = (await once(worker, "message")) as [string];
  await worker.terminate();
  return head;
}

/** An edge's memory that asks for a block. */
function edgeOf(from: number, to: number): ArrayBuffer {
  const memory = new ArrayBuffer(EDGE_BYTES);
  new Uint32Array(memory, 16, 2).set([from, to]);
  return memory;
}

function nativeDoorOrNone(): NativeAudit {
  try {
    const door = nativeDoor("audit") as NativeAudit;
    door.open();
    return door;
  } catch {
    return { open: () => "none", failure: () => "", link: () => OUTSIDE, take: () => OUTSIDE };
  }
}
