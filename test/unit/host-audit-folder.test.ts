import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AuditChain, AuditKey } from "../../src/audit/index.ts";
import { openAuditFolder, readAuditFolder, verifyAuditFolder } from "../../src/host/index.ts";
import { TortureDisk } from "../../src/torture/index.ts";
import { chainIn, DAY_NS, folderOptions, serviceEntry, writeTrail } from "../fixtures/audit-folders.ts";
import { BASE_NS, fill, KEY, keptChain, ORIGIN, OTHER_KEY } from "../fixtures/audit-trail.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tickwright-audit-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const key = KEY.verifierKey;
const file = (segment: number): string => join(folder, `segment-000000000${segment}.twa`);
const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe("an audit folder", () => {
  it("keeps segments that nobody may write, over several openings, as one trail", () => {
    for (const size of [100, 0, 65]) writeTrail(folder, [size]);
    expect([0, 1, 2].map((segment) => modeOf(file(segment)))).toEqual([0o444, 0o444, 0o444]);
    expect(modeOf(join(folder, "verifier.key"))).toBe(0o444);
    const verdict = verifyAuditFolder(folder, { key });
    expect(verdict).toMatchObject({
      ok: true,
      proved: { fromSeq: 1, toSeq: 165 },
      unproved: null,
      segments: 3,
    });
    const { segments } = readAuditFolder(folder);
    expect(segments.map(({ firstSeq, lastSeq }) => [firstSeq, lastSeq])).toEqual([
      [1, 100],
      [101, 100],
      [101, 165],
    ]);
    expect(segments[0]).toMatchObject({
      fromNs: BASE_NS + 1_000n,
      toNs: BASE_NS + 100_000n,
      isSealed: true,
      atNs: BASE_NS,
      retainUntilNs: BASE_NS + 100_000n + 2557n * DAY_NS,
    });
  });

  it("makes no file before the chain's header, and overwrites none", () => {
    const { folder: open } = openAuditFolder(folder, folderOptions());
    const sink = open.sink();
    expect(existsSync(file(0))).toBe(false);
    expect(() => sink.append(Uint8Array.of(1, 2, 3, 4))).toThrow("FAULT_INPUT");
    const again = open.sink();
    writeFileSync(file(0), "somebody's");
    expect(
      () => new AuditChain({ origin: ORIGIN, sink: again, signers: [KEY], salt: new Uint8Array(32) }),
    ).toThrow("nothing is overwritten");
    expect(readFileSync(file(0), "utf8")).toBe("somebody's");
    open.close();
  });

  it("gives no second sink while a segment is open, and takes the header of its own number only", () => {
    writeTrail(folder, [10]);
    const { folder: open } = openAuditFolder(folder, folderOptions());
    expect(
      () => new AuditChain({ origin: ORIGIN, sink: open.sink(), signers: [KEY], salt: new Uint8Array(32) }),
    ).toThrow("the header of segment 1");
    const chain = chainIn(open);
    expect(() => open.sink()).toThrow("seal the chain first");
    chain.seal();
    expect(open.settle()).toEqual([1]);
    expect(open.settle()).toEqual([]);
    open.close();
    expect(() => open.sink()).toThrow("a folder that is closed");
  });

  it("writes segment behind segment before any is listed", () => {
    const { folder: open } = openAuditFolder(folder, folderOptions());
    const first = chainIn(open);
    fill(first, 70);
    const state = first.seal();
    const second = chainIn(open, { state });
    fill(second, 70);
    expect(open.settle()).toEqual([0]);
    second.seal();
    expect(open.settle()).toEqual([1]);
    open.close();
    expect(verifyAuditFolder(folder, { key }).proved).toEqual({ fromSeq: 1, toSeq: 140 });
  });

  it("takes up a segment that nobody ended, whole or torn, and leaves it as it is", () => {
    for (const tail of [[], [66, 76, 75, 49, 9]]) {
      const { folder: open } = openAuditFolder(folder, folderOptions());
      const chain = chainIn(open, { checkpointBlocks: 2 });
      fill(chain, 200);
      chain.flush();
      const { segment } = chain;
      open.close();
      writeFileSync(file(segment), Buffer.concat([readFileSync(file(segment)), Buffer.from(tail)]));
      const bytes = readFileSync(file(segment));
      const { folder: next, recovery } = openAuditFolder(folder, folderOptions());
      expect(recovery.listed).toEqual([segment]);
      const torn = { segment, offset: bytes.length - tail.length, bytes: tail.length, aside: "" };
      expect(recovery.torn).toEqual(tail.length === 0 ? undefined : torn);
      expect(next.segments.at(-1)).toMatchObject({ isSealed: false, tornBytes: tail.length });
      expect([modeOf(file(segment)), readFileSync(file(segment)).equals(bytes)]).toEqual([0o444, true]);
      next.close();
    }
    writeTrail(folder, [5]);
    const verdict = verifyAuditFolder(folder, { key });
    expect(verdict).toMatchObject({ ok: true, proved: { fromSeq: 1, toSeq: 405 }, isSealed: true });
  });

  it("puts a damaged end that nobody signed into a file of its own", () => {
    const { folder: open } = openAuditFolder(folder, folderOptions());
    const chain = chainIn(open);
    fill(chain, 128);
    const signed = statSync(file(0)).size;
    fill(chain, 64);
    open.close();
    const bytes = readFileSync(file(0));
    bytes.fill(0, signed + 512, signed + 1024);
    writeFileSync(file(0), bytes);
    const { folder: next, recovery } = openAuditFolder(folder, folderOptions());
    const aside = `${file(0)}.aside-${signed}`;
    expect(recovery.torn).toEqual({ segment: 0, offset: signed, bytes: bytes.length - signed, aside });
    expect(readFileSync(aside).equals(bytes.subarray(signed))).toBe(true);
    next.close();
    writeTrail(folder, [5]);
    expect(verifyAuditFolder(folder, { key }).proved).toEqual({ fromSeq: 1, toSeq: 133 });
  });

  it("refuses damage in what was signed, and changes nothing then", () => {
    const { folder: open } = openAuditFolder(folder, folderOptions());
    const chain = chainIn(open);
    fill(chain, 128);
    chain.checkpoint();
    open.close();
    const bytes = readFileSync(file(0));
    bytes[700] = (bytes[700] as number) ^ 1;
    writeFileSync(file(0), bytes);
    expect(() => openAuditFolder(folder, folderOptions())).toThrow(
      /FAULT_JOURNAL_CORRUPT .*byte \d+: .*record 2/,
    );
    expect(readFileSync(file(0)).equals(bytes)).toBe(true);
    expect(readdirSync(folder).filter((name) => name.includes("aside") || name.includes("lock"))).toEqual([]);
  });

  it("refuses foreign files, other keys, other trails, holes, lengths and a folder without a trail", () => {
    expect(() => openAuditFolder(folder, folderOptions(BASE_NS, { create: false }))).toThrow("FAULT_IO");
    expect(() => openAuditFolder(folder, { ...folderOptions(), retain: 1 } as never)).toThrow(
      "options.retain",
    );
    expect(() => openAuditFolder(folder, { key: {} } as never)).toThrow("FAULT_CONFIG options.key");
    writeTrail(folder, [10, 10, 10]);
    const foreign = join(folder, "notes.txt");
    writeFileSync(foreign, "mine");
    expect(() => openAuditFolder(folder, folderOptions())).toThrow(`FAULT_JOURNAL_FORMAT ${foreign}`);
    rmSync(foreign);
    expect(() => openAuditFolder(folder, folderOptions(BASE_NS, { key: OTHER_KEY.verifierKey }))).toThrow(
      "FAULT_CONFIG options.key",
    );
    const other = keptChain({ salt: new Uint8Array(32).fill(77) });
    fill(other.chain, 30);
    const strange = keptChain({ state: { ...other.chain.seal(), segment: 2 } });
    strange.chain.seal();
    writeFileSync(file(3), strange.bytes());
    expect(() => openAuditFolder(folder, folderOptions())).toThrow(`FAULT_JOURNAL_FORMAT ${file(3)}`);
    rmSync(file(3));
    const bytes = readFileSync(file(1));
    rmSync(file(1));
    expect(() => openAuditFolder(folder, folderOptions())).toThrow(
      `FAULT_JOURNAL_CORRUPT ${file(1)}: found "no file"`,
    );
    writeFileSync(file(1), bytes.subarray(1));
    expect(() => openAuditFolder(folder, folderOptions())).toThrow("as they were listed");
    writeFileSync(file(1), bytes);
    mkdirSync(join(folder, "cold"));
    writeFileSync(join(folder, "cold", "segment-0000000001.twa"), bytes);
    expect(() => openAuditFolder(folder, folderOptions())).toThrow("two files");
    writeFileSync(join(folder, "cold", "more"), "");
    expect(() => openAuditFolder(folder, folderOptions())).toThrow("FAULT_JOURNAL_FORMAT");
  });

  it("finds every line of its index that was changed, and cuts a last one that is not whole", () => {
    writeTrail(folder, [10, 10]);
    const path = join(folder, "index.jsonl");
    const whole = readFileSync(path, "utf8");
    const [first, second] = whole.trimEnd().split("\n") as [string, string];
    for (const text of [
      `${second}\n${first}\n`,
      `${first.replace('"byteLength":', '"byteLength":1')}\n${second}\n`,
      `{}\n${second}\n`,
      `no JSON\n${second}\n`,
      whole.replace('"isSealed":true', '"isSealed":1'),
      `${first} \n${second}\n`,
    ]) {
      writeFileSync(path, text);
      expect(() => openAuditFolder(folder, folderOptions()), text).toThrow(
        /FAULT_JOURNAL_CORRUPT .*line [12]/,
      );
    }
    writeFileSync(path, whole.slice(0, -20));
    const { folder: open, recovery } = openAuditFolder(folder, folderOptions());
    expect(recovery.listed).toEqual([1]);
    open.close();
    expect(readFileSync(path, "utf8")).toBe(whole);
  });

  it("is locked against another process, and taken over from one that was killed", async () => {
    const host = new URL("../../src/host/index.ts", import.meta.url).href;
    const trail = new URL("../fixtures/audit-trail.ts", import.meta.url).href;
    const script = `const { openAuditFolder } = await import(${JSON.stringify(host)});
      const { KEY } = await import(${JSON.stringify(trail)});
      openAuditFolder(${JSON.stringify(folder)}, { key: KEY.verifierKey, create: true });
      process.stdout.write("open");
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    expect(() => openAuditFolder(folder, folderOptions())).toThrow(`FAULT_IO ${join(folder, "audit.lock")}`);
    child.kill("SIGKILL");
    await once(child, "exit");
    openAuditFolder(folder, folderOptions()).folder.close();
  }, 30_000);
});

describe("an audit folder on a disk that fails", () => {
  const on = (disk: TortureDisk) => folderOptions(BASE_NS, { disk });

  it("stops the chain on a full disk, and goes on behind the torn end where there is room again", () => {
    const disk = new TortureDisk({ faults: { capacityBytes: 40_000, chunkBytes: 1000 } });
    const { folder: open } = openAuditFolder("/audit", on(disk));
    const chain = chainIn(open);
    expect(() => fill(chain, 1000)).toThrow(/FAULT_IO auditChain.sink.append: .*FAULT_DISK_FULL/);
    expect(() => fill(chain, 1)).toThrow("FAULT_IO");
    open.close();
    disk.faults.capacityBytes = 1_000_000;
    const { folder: next, recovery } = openAuditFolder("/audit", on(disk));
    expect(recovery.torn?.bytes).toBeGreaterThan(0);
    const again = chainIn(next);
    fill(again, 100);
    again.seal();
    next.settle();
    next.close();
    expect(verifyAuditFolder("/audit", { key, disk })).toMatchObject({
      ok: true,
      isSealed: true,
      unproved: null,
    });
    disk.faults.capacityBytes = 0;
    expect(() =>
      openAuditFolder("/audit", on(disk)).folder.hold({ id: "a", subject: "b", reason: "c", approver: "d" }),
    ).toThrow("FAULT_DISK_FULL /audit/index.jsonl");
  });

  it("refuses a folder that cannot be written", () => {
    const disk = new TortureDisk();
    writeTrail("/audit", [10], on(disk));
    disk.faults.isReadOnly = true;
    expect(() => openAuditFolder("/audit", on(disk))).toThrow("FAULT_IO /audit/audit.lock");
    expect(verifyAuditFolder("/audit", { key, disk }).ok).toBe(true);
  });

  it.each(["append", "checkpoint"] as const)(
    "loses nothing acknowledged in a crash at any operation: %s",
    (sync) => {
      const work = (disk: TortureDisk): { flushed: number; signed: number } => {
        const done = { flushed: 0, signed: 0 };
        try {
          const { folder: open } = openAuditFolder("/audit", { ...on(disk), sync });
          for (let i = 0; i < 2; i++) {
            const chain = chainIn(open, { blockRecords: 4, checkpointBlocks: 3 });
            for (let turn = 0; turn < 8; turn++) {
              fill(chain, 3);
              chain.flush();
              done.flushed = chain.nextSeq - 1;
            }
            chain.seal();
            done.signed = chain.nextSeq - 1;
            open.settle();
          }
          open.hold({ id: "h", subject: "s", reason: "r", approver: "a" });
          open.close();
        } catch (error) {
          if (!disk.isLost) throw error;
        }
        return done;
      };
      const whole = new TortureDisk();
      work(whole);
      let torn = 0;
      for (let crashAt = 0; crashAt < whole.operations; crashAt++) {
        for (const [i, survival] of (["none", "all", "any", "any"] as const).entries()) {
          const crashMode = (["before", "partly", "after"] as const)[(crashAt + i) % 3] as "partly";
          const disk = new TortureDisk({ faults: { crashAt, crashMode } });
          const done = work(disk);
          const left = disk.afterPowerLoss(crashAt * 7 + i, survival);
          const { folder: open, recovery } = openAuditFolder("/audit", on(left));
          torn += recovery.torn === undefined ? 0 : 1;
          const least = sync === "append" ? done.flushed : done.signed;
          const name = `${crashAt} ${crashMode} ${survival}`;
          expect((open.state?.nextSeq ?? 1) - 1, name).toBeGreaterThanOrEqual(least);
          const chain = chainIn(open);
          fill(chain, 3);
          chain.seal();
          open.settle();
          open.close();
          const verdict = verifyAuditFolder("/audit", { key, disk: left });
          expect(verdict, name).toMatchObject({ ok: true, unproved: null, isSealed: true });
        }
      }
      expect(torn).toBeGreaterThan(5);
    },
  );
});

describe("the retention of an audit folder", () => {
  const YEAR = 365n * DAY_NS;
  const hold = { id: "case-1", subject: "client 7", reason: "inquiry", approver: "mara" };

  /** Five segments of ten records, a year apart from each other, and the newest open. */
  function years(path: string, sizes = 5): void {
    for (let i = 0; i < sizes; i++) {
      const { folder: open } = openAuditFolder(path, folderOptions(BASE_NS + BigInt(i) * YEAR));
      const chain = chainIn(open);
      for (let each = 0; each < 10; each++) {
        const payload = { component: "engine", event: "turn" };
        chain.append(serviceEntry("systemEvent", payload, BASE_NS + BigInt(i) * YEAR + BigInt(each)));
      }
      chain.seal();
      open.settle();
      open.close();
    }
  }

  const terms = { retainDays: 365 * 3, hotDays: 365 };
  const nowNs = BASE_NS + 4n * YEAR + 1n * DAY_NS;
  const opened = (more = {}) =>
    openAuditFolder(folder, folderOptions(nowNs, { retention: terms, ...more })).folder;

  it("moves, deletes and tells the trail; what is left verifies from its first segment", () => {
    years(folder);
    rmSync(join(folder, "index.jsonl"));
    // Listed again, under the shorter terms.
    const at = folderOptions(BASE_NS, { retention: terms });
    openAuditFolder(folder, at).folder.close();
    const open = opened();
    const chain = chainIn(open);
    const plan = open.plan(nowNs);
    expect(plan).toMatchObject({ nowNs, cold: [0, 1, 2, 3], retire: [0, 1] });
    expect(plan.stays).toMatchObject({ code: "AUDIT_RETENTION_YOUNG" });
    const told: string[] = [];
    const record = (payload: Parameters<typeof serviceEntry<"retentionTombstone">>[1]): number => {
      told.push(
        `${payload.segment} ${payload.firstSeq} ${payload.lastSeq} ${existsSync(file(payload.segment as number))}`,
      );
      const seq = chain.append(serviceEntry("retentionTombstone", payload, nowNs));
      chain.checkpoint();
      return seq;
    };
    const done = open.apply(plan, { approver: "mara", record });
    expect(done).toEqual({
      ok: true,
      cold: [2, 3],
      retired: [0, 1].map((segment) => ({ segment, location: "" })),
    });
    expect(told).toEqual(["0 1 10 true", "1 11 20 true"]);
    expect(readdirSync(join(folder, "cold"))).toEqual(["segment-0000000002.twa", "segment-0000000003.twa"]);
    expect(modeOf(join(folder, "cold", "segment-0000000002.twa"))).toBe(0o444);
    expect([0, 1, 2, 3].map((segment) => existsSync(file(segment)))).toEqual([false, false, false, false]);
    chain.seal();
    open.settle();
    expect(open.plan(nowNs)).toMatchObject({ cold: [], retire: [] });
    open.close();
    const verdict = verifyAuditFolder(folder, { key });
    expect(verdict).toMatchObject({
      ok: true,
      before: { fromSeq: 1, toSeq: 20 },
      proved: { fromSeq: 21, toSeq: 52 },
      unproved: null,
    });
    openAuditFolder(folder, folderOptions(nowNs)).folder.close();
  });

  it("finds a segment that was deleted without a record of the trail", () => {
    years(folder, 3);
    const open = openAuditFolder(
      folder,
      folderOptions(nowNs - YEAR, { retention: { retainDays: 1, hotDays: 1 } }),
    ).folder;
    const chain = chainIn(open);
    chain.append(serviceEntry("systemEvent", { component: "engine", event: "turn" }, nowNs));
    chain.seal();
    open.settle();
    open.close();
    rmSync(join(folder, "index.jsonl"));
    const again = openAuditFolder(
      folder,
      folderOptions(BASE_NS, { retention: { retainDays: 1, hotDays: 1 } }),
    ).folder;
    expect(again.apply({ nowNs, cold: [], retire: [0] }, { approver: "x", record: () => 31 })).toMatchObject({
      ok: true,
    });
    again.close();
    expect(verifyAuditFolder(folder, { key }).problem).toMatchObject({
      code: "AUDIT_TOMBSTONE_MISSING",
      fromSeq: 1,
      toSeq: 10,
    });
  });

  it("refuses what is held, young, out of order, unknown, the last, or asked for by a wrong clock", () => {
    years(folder);
    rmSync(join(folder, "index.jsonl"));
    openAuditFolder(folder, folderOptions(BASE_NS, { retention: terms })).folder.close();
    const open = opened({ nowNs: () => BASE_NS });
    const work = { approver: "mara", record: (): number => expect.unreachable() };
    const asked = (retire: number[], at = nowNs, cold: number[] = []) =>
      open.apply({ nowNs: at, cold, retire }, work);
    expect(asked([9])).toMatchObject({ code: "AUDIT_SEGMENT_UNKNOWN" });
    expect(asked([], nowNs, [9])).toMatchObject({ code: "AUDIT_SEGMENT_UNKNOWN" });
    expect(asked([1])).toMatchObject({ code: "AUDIT_RETENTION_ORDER" });
    expect(asked([0, 1, 2])).toMatchObject({ code: "AUDIT_RETENTION_YOUNG" });
    expect(asked([], nowNs, [4])).toMatchObject({ code: "AUDIT_RETENTION_YOUNG" });
    for (const at of [BASE_NS, nowNs - 2n * DAY_NS, nowNs + 7n * DAY_NS, nowNs + 100n * YEAR, 0n]) {
      expect(open.plan(at)).toMatchObject({ cold: [], retire: [], stays: { code: "AUDIT_RETENTION_CLOCK" } });
      expect(asked([0], at)).toMatchObject({ code: "AUDIT_RETENTION_CLOCK" });
    }
    expect(() => open.plan(5 as never)).toThrow("FAULT_CONFIG nowNs");
    const placed = open.hold({ ...hold, fromNs: BASE_NS + YEAR, toNs: BASE_NS + YEAR + 3n });
    const range = { fromNs: BASE_NS + YEAR, toNs: BASE_NS + YEAR + 3n };
    expect(placed).toEqual({
      ok: true,
      type: "legalHoldRange",
      event: {
        ...{ holdId: "case-1", action: "placed", subject: "client 7", approver: "mara", reason: "inquiry" },
        ...range,
      },
    });
    expect(open.hold(hold)).toMatchObject({ code: "AUDIT_HOLD_TAKEN" });
    expect(open.plan(nowNs)).toMatchObject({
      cold: [0, 2, 3],
      retire: [0],
      stays: { code: "AUDIT_RETENTION_HELD" },
    });
    expect(asked([0, 1])).toMatchObject({ code: "AUDIT_RETENTION_HELD" });
    expect(asked([], nowNs, [1])).toMatchObject({ code: "AUDIT_RETENTION_HELD" });
    open.close();
    const again = opened({ nowNs: () => BASE_NS });
    expect(again.holds).toMatchObject([{ id: "case-1", fromNs: BASE_NS + YEAR }]);
    expect(again.release({ id: "other", reason: "r", approver: "a" })).toMatchObject({
      code: "AUDIT_HOLD_UNKNOWN",
    });
    const over = again.release({ id: "case-1", reason: "closed", approver: "mara" });
    expect(over).toMatchObject({
      ok: true,
      event: { action: "released", subject: "client 7", reason: "closed", ...range },
    });
    expect(again.hold(hold)).toMatchObject({ code: "AUDIT_HOLD_TAKEN" });
    expect(again.plan(nowNs).retire).toEqual([0, 1]);
    expect(() => again.hold({ ...hold, id: "" })).toThrow("hold.id");
    expect(() => again.hold({ ...hold, id: "b", fromNs: 2n, toNs: 1n })).toThrow("hold.toNs");
    again.close();
    const strict = openAuditFolder(
      folder,
      folderOptions(BASE_NS, { retention: { retainDays: 1, hotDays: 1 } }),
    ).folder;
    // Terms may be made longer, never shorter, for what is listed.
    expect(strict.plan(nowNs).retire).toEqual([0, 1]);
    strict.close();
    const longer = openAuditFolder(folder, folderOptions(BASE_NS)).folder;
    expect(longer.plan(nowNs).retire).toEqual([]);
    longer.close();
  });

  it("deletes a segment that a crash ended only together with the sealed one behind it, and never the last", () => {
    const at = folderOptions(BASE_NS, { retention: { retainDays: 1, hotDays: 1 } });
    const { folder: open } = openAuditFolder(folder, at);
    fill(chainIn(open, { checkpointBlocks: 1 }), 100);
    open.close();
    writeTrail(folder, [10, 10], at);
    const later = BASE_NS + 2n * DAY_NS;
    const { folder: next } = openAuditFolder(folder, at);
    expect(next.plan(later)).toMatchObject({ retire: [0, 1], stays: { code: "AUDIT_RETENTION_ORDER" } });
    const work = { approver: "mara", record: (): number => expect.unreachable() };
    const ask = (retire: number[]) => next.apply({ nowNs: later, cold: [], retire }, work);
    expect(ask([0])).toMatchObject({ code: "AUDIT_SEGMENT_UNSEALED" });
    expect(ask([0, 1, 2])).toMatchObject({ code: "AUDIT_RETENTION_ORDER" });
    expect(() =>
      next.apply({ nowNs: later, cold: [], retire: [0, 1] }, { approver: "", record: () => 1 }),
    ).toThrow("work.approver");
    next.close();
  });

  it("keeps the segment where the trail cannot be told, and ends a deletion that a crash interrupted", () => {
    const at = folderOptions(BASE_NS, { retention: { retainDays: 1, hotDays: 1 } });
    writeTrail(folder, [10, 10], at);
    const later = BASE_NS + 2n * DAY_NS;
    const { folder: open } = openAuditFolder(folder, at);
    const plan = open.plan(later);
    const fails = (): number => {
      throw new Error("the chain has stopped");
    };
    expect(() => open.apply(plan, { approver: "a", record: fails })).toThrow("the chain has stopped");
    const late = (): number => {
      open.hold({ ...hold, id: "late" });
      return 21;
    };
    expect(() => open.apply({ ...plan, cold: [] }, { approver: "a", record: late })).toThrow("the hold late");
    expect(open.release({ id: "late", reason: "r", approver: "a" }).ok).toBe(true);
    expect(existsSync(file(0))).toBe(true);
    const bytes = readFileSync(file(0));
    expect(open.apply({ ...plan, cold: [] }, { approver: "a", record: () => 21 })).toMatchObject({
      ok: true,
    });
    open.close();
    writeFileSync(file(0), bytes);
    // What the index says is gone is there: an opening reads it, tells of it, and leaves it.
    expect(readAuditFolder(folder).files.map(({ segment }) => segment)).toEqual([0, 1]);
    const { folder: next, recovery } = openAuditFolder(folder, at);
    expect([recovery.left, existsSync(file(0))]).toEqual([[0], true]);
    expect(next.plan(later).retire).toEqual([0]);
    const chain = chainIn(next);
    const record = (payload: Parameters<typeof serviceEntry<"retentionTombstone">>[1]): number =>
      chain.append(serviceEntry("retentionTombstone", payload, later));
    expect(next.apply({ nowNs: later, cold: [], retire: [0] }, { approver: "a", record })).toMatchObject({
      ok: true,
      retired: [{ segment: 0 }],
    });
    expect(existsSync(file(0))).toBe(false);
    chain.seal();
    next.close();
    expect(verifyAuditFolder(folder, { key })).toMatchObject({ ok: true, beginning: "retired" });
  });

  it("lets an archive have the oldest segments, byte for byte", () => {
    years(folder);
    rmSync(join(folder, "index.jsonl"));
    openAuditFolder(folder, folderOptions(BASE_NS, { retention: terms })).folder.close();
    const open = opened({ nowNs: () => BASE_NS });
    const [first, second] = open.segments;
    const stored = { nowNs, location: "s3://vault/0", sha256: first?.sha256 as string };
    expect(open.archived(1, stored)).toMatchObject({ code: "AUDIT_RETENTION_ORDER" });
    expect(open.archived(0, { ...stored, sha256: second?.sha256 as string })).toMatchObject({
      code: "AUDIT_CONTENT_DIFFERS",
    });
    expect(open.archived(0, { ...stored, nowNs: 0n })).toMatchObject({ code: "AUDIT_RETENTION_CLOCK" });
    expect(open.archived(0, stored)).toMatchObject({ ok: true, cold: [0] });
    expect(existsSync(file(0))).toBe(false);
    const chain = chainIn(open);
    const work = {
      approver: "a",
      record: (payload: Parameters<typeof serviceEntry<"retentionTombstone">>[1]) =>
        chain.append(serviceEntry("retentionTombstone", payload, nowNs)),
    };
    expect(open.apply({ nowNs, cold: [1], retire: [] }, work)).toMatchObject({ cold: [1] });
    expect(
      open.archived(1, { ...stored, location: "tape 9", sha256: second?.sha256 as string }),
    ).toMatchObject({ ok: true });
    expect(open.segments.map(({ place }) => place)).toEqual(["elsewhere", "elsewhere", "hot", "hot", "hot"]);
    expect(open.apply({ nowNs, cold: [], retire: [0] }, work)).toEqual({
      ok: true,
      cold: [],
      retired: [{ segment: 0, location: "s3://vault/0" }],
    });
    chain.seal();
    open.close();
    // Where an archive has a segment, nobody signed: without it the beginning is missing.
    expect(verifyAuditFolder(folder, { key }).problem?.code).toBe("AUDIT_BEGINNING_MISSING");
    expect(verifyAuditFolder(folder, { key, part: true })).toMatchObject({
      ...{ ok: true, beginning: "part", before: { fromSeq: 1, toSeq: 20 } },
    });
  });
});

it("a key of the same name that signed another trail opens nothing", () => {
  const other = AuditKey.fromSeed(ORIGIN, new Uint8Array(32).fill(99));
  writeTrail(folder, [10]);
  const verdict = verifyAuditFolder(folder, { key: other.verifierKey });
  expect(verdict.problem).toMatchObject({ code: "AUDIT_CHECKPOINT_UNSIGNED", segment: 0, path: file(0) });
});

it("a trail that is read from the middle must follow on what the index has before it", () => {
  writeTrail(folder, [10, 10]);
  expect(verifyAuditFolder(folder, { key, fromSeq: 11 })).toMatchObject({
    ok: true,
    proved: { fromSeq: 11, toSeq: 20 },
  });
  const other = keptChain({ salt: new Uint8Array(32).fill(90) });
  fill(other.chain, 10);
  const strange = keptChain({ state: other.chain.seal(), salt: new Uint8Array(32).fill(91) });
  fill(strange.chain, 10);
  strange.chain.seal();
  rmSync(file(1));
  writeFileSync(file(1), strange.bytes());
  expect(verifyAuditFolder(folder, { key, fromSeq: 11 }).problem?.code).toBe("AUDIT_INDEX_DIFFERS");
});
