import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AUDIT_FRAME, AuditProver, recordFromJson } from "../../src/audit/index.ts";
import { runCommand } from "../../src/cli/command.ts";
import { localDisk, openAuditFolder, readAuditFrames } from "../../src/host/index.ts";
import { chainIn, DAY_NS, folderOptions, serviceEntry, writeTrail } from "../fixtures/audit-folders.ts";
import { BASE_NS, fill, header, KEY, keptChain, NEXT_KEY, OTHER_KEY } from "../fixtures/audit-trail.ts";

let folder = "";
let log = "";
let out: string[] = [];
let told: string[] = [];
const file = (segment: number): string => join(log, `segment-000000000${segment}.twa`);
const key = KEY.verifierKey.text;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tickwright-cli-audit-"));
  log = join(folder, "log");
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    out.push(String(text));
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    told.push(String(text));
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

async function run(...args: string[]): Promise<{ code: number; said: string; told: string }> {
  out = [];
  told = [];
  const code = await runCommand(["audit", ...args]);
  return { code, said: out.join(""), told: told.join("") };
}

/** A trail of three sealed segments, and an open one with 30 records that nobody signed. */
function openTrail(): void {
  writeTrail(log, [500, 0, 300]);
  const { folder: open } = openAuditFolder(log, folderOptions());
  const chain = chainIn(open);
  fill(chain, 224);
  chain.checkpoint();
  fill(chain, 6);
  chain.flush();
  open.close();
}

function change(path: string, edit: (bytes: Buffer) => Buffer | undefined): void {
  const bytes = readFileSync(path);
  const made = edit(bytes) ?? bytes;
  rmSync(path);
  writeFileSync(path, made);
}

/** Where the frames of a file begin. */
function framesOf(path: string, tag: number): number[] {
  return [...readAuditFrames(localDisk, path)].filter((frame) => frame.tag === tag).map(({ at }) => at);
}

describe("tickwright audit verify", () => {
  it("says what is proved, and what is not, in words", async () => {
    openTrail();
    const { code, said } = await run("verify", log, "--key", key);
    expect(code).toBe(0);
    const lines = said.trimEnd().split("\n");
    expect(lines[0]).toMatch(/4 segments, 1,030 records, 18 blocks, 3 checkpoints, [\d,]+ bytes$/);
    expect(lines[1]).toBe(
      "records 1..1,024 proved by the checkpoint of 17 leaves, signed by example.com/desk+378275ce at " +
        "2024-11-21T11:03:20.001024000Z",
    );
    expect(lines[2]).toBe(
      "records 1,025..1,030 not proved: linked, but not signed; nothing shows if records behind 1,030 were cut off",
    );
    expect(lines.length).toBe(3);
  });

  it("takes the key of the folder, of a file, and gives JSON", async () => {
    writeTrail(log, [10]);
    const own = await run("verify", log);
    expect([own.code, own.said]).toEqual([3, expect.stringContaining("self-signed: ")]);
    expect(own.said).toContain("the key is the folder's own");
    const ownJson = await run("verify", log, "--json");
    expect([ownJson.code, JSON.parse(ownJson.said)]).toMatchObject([3, { ok: true, trust: "self-signed" }]);
    expect(await run("verify", log, "--key", key, "--part")).toMatchObject({
      code: 2,
      told: expect.stringContaining("--part of what?"),
    });
    expect(own.said).toContain("no anchor was met: nothing shows if records behind 10 were cut off");
    writeFileSync(join(folder, "key"), `${key}\n`);
    const { code, said } = await run("verify", log, "--key", join(folder, "key"), "--json");
    expect([code, JSON.parse(said)]).toMatchObject([
      0,
      { ok: true, problem: null, proved: { fromSeq: 1, toSeq: 10 }, key, trust: "given" },
    ]);
  });

  it("names the first bad record with its file and byte", async () => {
    openTrail();
    const block = framesOf(file(2), AUDIT_FRAME.block)[2] as number;
    change(file(2), (bytes) => {
      bytes[block + 100] = (bytes[block + 100] as number) ^ 4;
      return undefined;
    });
    const { code, said } = await run("verify", log, "--key", key);
    expect(code).toBe(1);
    expect(said).toContain(
      `AUDIT_RECORD_DAMAGED record 629, ${file(2)} byte ${(block + 24).toLocaleString("en-US")}:`,
    );
    expect(said).toContain("records 1..500 proved");
    expect(said).toContain("records 501..628 not proved");
    const json = await run("verify", log, "--json");
    expect(JSON.parse(json.said).problem).toMatchObject({
      segment: 2,
      path: file(2),
      offset: block + 24,
      fromSeq: 629,
    });
  });

  it("finds what lies behind a segment's end, and one that was sealed again by somebody else", async () => {
    writeTrail(log, [10]);
    change(file(0), (bytes) => Buffer.concat([bytes, Buffer.from("more")]));
    expect(await run("verify", log)).toMatchObject({ code: 1, said: expect.stringContaining("AUDIT_TORN") });
    const kept = keptChain();
    fill(kept.chain, 12);
    kept.chain.seal();
    change(file(0), () => Buffer.from(kept.bytes()));
    const { code, said } = await run("verify", log);
    expect([code, said]).toEqual([1, expect.stringMatching(/AUDIT_INDEX_DIFFERS .*the index has/)]);
  });

  it("tells a wrong key, a foreign file, two logs, a hole and no folder apart", async () => {
    writeTrail(log, [10, 10, 10]);
    const other = await run("verify", log, "--key", OTHER_KEY.verifierKey.text);
    expect([other.code, other.said]).toEqual([1, expect.stringContaining("is this the log's first key?")]);
    expect(other.said).toContain("no record is proved");
    writeFileSync(join(log, "notes.txt"), "");
    expect(await run("verify", log)).toMatchObject({
      code: 1,
      told: expect.stringContaining("FAULT_JOURNAL_FORMAT"),
    });
    rmSync(join(log, "notes.txt"));
    const bytes = readFileSync(file(1));
    const kept = keptChain({ salt: new Uint8Array(32).fill(99) });
    fill(kept.chain, 10);
    const next = keptChain({ state: kept.chain.seal(), salt: new Uint8Array(32).fill(98) });
    fill(next.chain, 10);
    next.chain.seal();
    change(file(1), () => Buffer.from(next.bytes()));
    const mixed = await run("verify", log);
    expect([mixed.code, mixed.said]).toEqual([
      1,
      expect.stringMatching(/AUDIT_SEGMENT_DISCONTINUOUS record 11, .*segment-0000000001/),
    ]);
    rmSync(file(1));
    expect(await run("verify", log)).toMatchObject({
      code: 1,
      told: expect.stringContaining(`FAULT_JOURNAL_CORRUPT ${file(1)}`),
    });
    writeFileSync(file(1), bytes);
    rmSync(file(0));
    expect(await run("verify", log)).toMatchObject({
      code: 1,
      told: expect.stringContaining(`FAULT_JOURNAL_CORRUPT ${file(0)}`),
    });
    expect(await run("verify", join(folder, "none"))).toMatchObject({
      code: 1,
      told: expect.stringContaining("FAULT_IO"),
    });
  });

  it("reads a copy of some segments without an index, and says what was not there", async () => {
    writeTrail(log, [10, 10, 10]);
    for (const name of ["index.jsonl", "verifier.key", "segment-0000000000.twa"]) rmSync(join(log, name));
    expect(await run("verify", log)).toMatchObject({
      code: 2,
      told: expect.stringContaining("--key which?"),
    });
    const missing = await run("verify", log, "--key", key);
    expect(missing.code).toBe(1);
    expect(missing.said).toContain("AUDIT_BEGINNING_MISSING one of the records 1..10");
    expect(missing.said).toContain("records 1..10 are not here and not proved: the beginning is missing");
    expect(missing.said).toContain("records 11..30 proved");
    const { code, said } = await run("verify", log, "--key", key, "--part");
    expect(code).toBe(0);
    expect(said).toContain("records 1..10 were not read: this is a part; nothing is shown of them");
    expect(said).toContain("records 11..30 proved");
    expect(JSON.parse((await run("verify", log, "--key", key, "--json")).said)).toMatchObject({
      ok: false,
      beginning: "missing",
      before: { fromSeq: 1, toSeq: 10 },
      proved: { fromSeq: 11, toSeq: 30 },
      trust: "given",
    });
    renameSync(file(1), join(log, "segment-0000000004.twa"));
    expect(await run("verify", log, "--key", key)).toMatchObject({
      code: 1,
      told: expect.stringContaining("segment-0000000003"),
    });
  });

  it("holds anchors against the trail: met, cut off, and of another past", async () => {
    const { folder: open } = openAuditFolder(log, folderOptions());
    const chain = chainIn(open);
    fill(chain, 64);
    const notes = [chain.checkpoint() as string];
    const length = readFileSync(file(0)).length;
    fill(chain, 64);
    notes.push(chain.checkpoint() as string);
    open.close();
    for (const [i, note] of notes.entries()) writeFileSync(join(folder, `anchor-${i}`), note);
    const anchors = [0, 1].flatMap((i) => ["--anchor", join(folder, `anchor-${i}`)]);
    const met = await run("verify", log, "--key", key, ...anchors);
    expect([met.code, met.said]).toEqual([0, expect.stringContaining("and 2 anchors")]);
    const whole = readFileSync(file(0));
    change(file(0), (bytes) => bytes.subarray(0, length));
    expect(await run("verify", log, ...anchors)).toMatchObject({
      code: 1,
      said: expect.stringContaining("AUDIT_TRUNCATED"),
    });
    const other = keptChain({ salt: new Uint8Array(32).fill(50) });
    fill(other.chain, 128);
    other.chain.checkpoint();
    change(file(0), () => Buffer.from(other.bytes()));
    expect(await run("verify", log, ...anchors)).toMatchObject({
      code: 1,
      said: expect.stringContaining("AUDIT_ANCHOR_DIFFERS"),
    });
    change(file(0), () => whole);
    writeFileSync(join(folder, "anchor-1"), "no note");
    expect(await run("verify", log, ...anchors)).toMatchObject({
      code: 1,
      told: expect.stringContaining("a signed checkpoint"),
    });
    const none = await run("verify", log, "--anchor", join(folder, "none"));
    expect([none.code, none.told]).toEqual([1, expect.stringContaining("FAULT_IO")]);
  });

  it("goes on where segments were deleted by rule, in the subfolder too, under keys that were handed over", async () => {
    const at = folderOptions(BASE_NS, { retention: { retainDays: 1, hotDays: 1 } });
    const later = BASE_NS + 2n * DAY_NS;
    const { folder: open } = openAuditFolder(log, at);
    const first = chainIn(open);
    fill(first, 30);
    first.rotate(NEXT_KEY, "yearly", header(BASE_NS + 31_000n));
    first.seal();
    open.settle();
    for (const size of [100, 10]) {
      const chain = chainIn(open, { signers: [NEXT_KEY] });
      fill(chain, size);
      chain.seal();
      open.settle();
    }
    const chain = chainIn(open, { signers: [NEXT_KEY] });
    const done = open.apply(
      { nowNs: later, cold: [1], retire: [0] },
      {
        approver: "mara",
        record: (payload) => chain.append(serviceEntry("retentionTombstone", payload, later)),
      },
    );
    expect(done.ok).toBe(true);
    chain.seal();
    open.settle();
    open.close();
    expect(existsSync(join(log, "cold", "segment-0000000001.twa"))).toBe(true);
    const { code, said } = await run("verify", log, "--key", key);
    expect(said).toContain("records 1..31 were deleted by rule: a proved tombstone says so");
    expect(said).toContain("records 32..142 proved");
    expect(said).toContain("1 rotations of the key");
    expect(code).toBe(0);
    for (const seq of ["32", "97", "142"]) {
      const proof = join(folder, `proof-${seq}`);
      expect((await run("prove", log, "--seq", seq, "--out", proof)).code).toBe(0);
      const checked = await run("check-proof", proof, "--key", key, "--json");
      expect([checked.code, JSON.parse(checked.said).record.seq]).toEqual([0, Number(seq)]);
    }
  });
});

describe("tickwright audit export and query", () => {
  it("exports canonical JSON, whole or in part, to a file that is not there yet", async () => {
    openTrail();
    const all = await run("export", log, "--key", key);
    const lines = all.said.trimEnd().split("\n");
    expect([all.code, lines.length]).toEqual([0, 1030]);
    expect(lines.every((line, i) => "seq" in recordFromJson(line) && JSON.parse(line).seq === i + 1)).toBe(
      true,
    );
    expect(all.told).toContain("1,030 records exported");
    expect(all.told).toContain("records 1,025..1,030 not proved");
    const path = join(folder, "part.jsonl");
    const part = await run("export", log, "--from", "495", "--to", "510", "--out", path);
    expect([part.code, readFileSync(path, "utf8")]).toEqual([0, `${lines.slice(494, 510).join("\n")}\n`]);
    const late = await run("export", log, "--from", "1029");
    expect(late.said).toBe(`${lines.slice(1028).join("\n")}\n`);
    const again = await run("export", log, "--out", path);
    expect([again.code, again.told]).toEqual([1, expect.stringContaining(`FAULT_IO ${path}`)]);
  });

  it("exports nothing into a file where the trail does not hold", async () => {
    openTrail();
    change(file(2), (bytes) => {
      bytes[5000] = (bytes[5000] as number) ^ 1;
      return undefined;
    });
    const path = join(folder, "all.jsonl");
    const { code, told: said } = await run("export", log, "--out", path);
    expect([code, existsSync(path)]).toEqual([1, false]);
    expect(said).toMatch(/AUDIT_RECORD_DAMAGED record 5\d\d, .*records were good before that/s);
  });

  it("finds records by order, type, actor and time", async () => {
    openTrail();
    const one = await run("query", log, "--order", "77", "--json");
    expect(JSON.parse(one.said)).toMatchObject({ seq: 77, order: "77" });
    const fills = await run(
      "query",
      log,
      "--type",
      "fill",
      "--type",
      "fillBust",
      "--actor",
      "mara",
      "--json",
    );
    const types = new Set(
      fills.said
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line).type),
    );
    expect([...types].sort()).toEqual(["fill", "fillBust"]);
    const [from, to] = ["2024-11-21T11:03:20.000500Z", "2024-11-21T11:03:20.000502Z"];
    const when = await run("query", log, "--from", from, "--to", to);
    expect(when.said.split("\n").map((line) => line.slice(0, 42))).toEqual([
      "       500  2024-11-21T11:03:20.000500000Z",
      "       501  2024-11-21T11:03:20.000501000Z",
      "",
    ]);
    expect(when.told).toContain("2 records; a query proves nothing");
    expect((await run("query", log, "--actor", "nobody")).said).toBe("");
  });

  it("lets no text of a record reach the terminal as a command", async () => {
    const { folder: open } = openAuditFolder(log, folderOptions());
    const chain = chainIn(open);
    const payload = { component: "\u001b]0;x\u0007", event: "a\u009b2J\u202eb", detail: "c\nd" };
    chain.append({ ...header(BASE_NS), type: "systemEvent", order: "\u001b[2J", payload });
    chain.flush();
    open.close();
    const { said } = await run("query", log);
    expect(said).toMatch(/^[\x20-\x7e]+\n$/);
    expect(said).toContain("\\u009b2J\\u202eb");
  });

  it("says where a trail is torn or damaged", async () => {
    openTrail();
    change(file(3), (bytes) => bytes.subarray(0, bytes.length - 5));
    const torn = await run("query", log, "--json");
    expect([torn.code, torn.told]).toEqual([1, expect.stringContaining("no whole frame")]);
    const block = framesOf(file(0), AUDIT_FRAME.block)[1] as number;
    change(file(0), (bytes) => {
      bytes.writeUInt32LE(7, block + 24 + 4);
      return undefined;
    });
    const damaged = await run("query", log);
    expect([damaged.code, damaged.told]).toEqual([1, expect.stringContaining(`${file(0)} byte ${block}`)]);
  });
});

describe("tickwright audit prove and check-proof", () => {
  it("proves each record as AuditProver does, and shows it to whoever has the key", async () => {
    for (const leaves of ["block", "record"] as const) {
      log = join(folder, leaves);
      writeTrail(log, [150, 70, 1], folderOptions(), { leaves, checkpointBlocks: 2 });
      const prover = new AuditProver([0, 1, 2].map((segment) => readFileSync(file(segment))));
      for (const seq of [1, 64, 65, 150, 151, 221]) {
        const { code, said } = await run("prove", log, "--seq", String(seq), "--key", key);
        expect([code, JSON.parse(said).proof]).toEqual([0, prover.prove(seq)]);
      }
    }
    const path = join(folder, "proof.json");
    await run("prove", log, "--seq", "150", "--out", path);
    rmSync(log, { recursive: true });
    const shown = await run("check-proof", path, "--key", key);
    expect([shown.code, JSON.parse(shown.said).seq]).toEqual([0, 150]);
    expect(shown.told).toContain("record 150 is in the log of that key");
    const json = await run("check-proof", path, "--key", key, "--json");
    expect(JSON.parse(json.said)).toMatchObject({ ok: true, record: { seq: 150 } });
  });

  it("finds every change of a proof, and asks whom to trust", async () => {
    writeTrail(log, [70]);
    const path = join(folder, "proof.json");
    await run("prove", log, "--seq", "5", "--out", path);
    const whole = JSON.parse(readFileSync(path, "utf8"));
    expect(await run("check-proof", path)).toMatchObject({
      code: 2,
      told: expect.stringContaining("whom do you trust"),
    });
    const other = await run("check-proof", path, "--key", OTHER_KEY.verifierKey.text);
    expect([other.code, other.said]).toEqual([1, expect.stringContaining("NOTE_KEY_INVALID")]);
    const forged = { ...whole, key: OTHER_KEY.verifierKey.text };
    for (const [made, under, said] of [
      [forged, OTHER_KEY.verifierKey.text, "NOTE_UNVERIFIED"],
      [{ ...whole, version: 2 }, key, "AUDIT_PROOF_MALFORMED"],
      [{ ...whole, rotations: [1] }, key, "AUDIT_PROOF_MALFORMED"],
      [{ ...whole, proof: {} }, key, "AUDIT_PROOF_MALFORMED"],
      [{ ...whole, proof: { ...whole.proof, seq: 6 } }, key, "AUDIT_PROOF_MALFORMED"],
      [{ ...whole, proof: { ...whole.proof, leafIndex: 1 } }, key, "MERKLE_"],
      [{ ...whole, proof: { ...whole.proof, path: ["00".repeat(32)] } }, key, "MERKLE_"],
    ] as const) {
      writeFileSync(path, JSON.stringify(made));
      const checked = await run("check-proof", path, "--key", under, "--json");
      expect([checked.code, JSON.parse(checked.said)]).toMatchObject([
        1,
        { ok: false, code: expect.stringContaining(said) },
      ]);
    }
    writeFileSync(path, "[");
    expect(await run("check-proof", path, "--key", key)).toMatchObject({
      code: 1,
      told: expect.stringContaining("FAULT_INPUT"),
    });
  });

  it("proves no record that is not there, not signed yet, or in a trail that does not hold", async () => {
    openTrail();
    const none = await run("prove", log, "--seq", "1031");
    expect([none.code, none.told]).toEqual([1, expect.stringContaining("FAULT_INPUT seq: found 1031")]);
    const late = await run("prove", log, "--seq", "1027");
    expect([late.code, late.told]).toEqual([1, expect.stringContaining("none does yet")]);
    change(file(2), (bytes) => {
      bytes[5000] = (bytes[5000] as number) ^ 1;
      return undefined;
    });
    const bad = await run("prove", log, "--seq", "700");
    expect([bad.code, bad.told]).toEqual([
      1,
      expect.stringContaining(`FAULT_JOURNAL_CORRUPT ${file(2)} byte`),
    ]);
  });
});

describe("a wrong call of tickwright audit", () => {
  it.each([
    [[], "tickwright audit verify"],
    [["burn", "x"], "there is no audit burn"],
    [["verify"], "which folder?"],
    [["verify", "a", "b"], "which folder?"],
    [["verify", "a", "--speed", "9"], "--speed"],
    [["prove", "a"], "--seq which record?"],
    [["export", "a", "--from", "0"], "--from"],
    [["export", "a", "--from", "9", "--to", "8"], "--to: 8 is before 9"],
    [["query", "a", "--type", "nonsense"], "there is no"],
    [["query", "a", "--from", "yesterday"], "TIME_MALFORMED"],
    [["check-proof"], "which file?"],
  ] as const)("%j", async (args, said) => {
    const { code, said: text, told: more } = await run(...args);
    expect([code, text + more]).toEqual([2, expect.stringContaining(said)]);
  });

  it("has help, and says when a key is none", async () => {
    expect(await run("--help")).toMatchObject({ code: 0, said: expect.stringContaining("check-proof") });
    writeTrail(log, [1]);
    const { code, told: more } = await run("verify", log, "--key", "nothing");
    expect([code, more]).toEqual([1, expect.stringContaining("FAULT_INPUT --key")]);
    expect(readdirSync(log).sort()).toEqual(["index.jsonl", "segment-0000000000.twa", "verifier.key"]);
  });
});
