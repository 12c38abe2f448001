import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { canonicalJson } from "../../src/base/index.ts";
import { auditCommand } from "../../src/cli/audit-command.ts";
import { openAuditFolder, verifyAuditFolder } from "../../src/host/index.ts";
import { chainIn, folderOptions, serviceEntry, writeTrail } from "../fixtures/audit-folders.ts";
import { forge, kindOf } from "../fixtures/audit-forger.ts";
import { BASE_NS, KEY } from "../fixtures/audit-trail.ts";

/** What somebody with access to the folder, and no key, can do to it. */
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tickwright-audit-evidence-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const key = KEY.verifierKey.text;
const segment = (index: number): string => join(folder, `segment-${String(index).padStart(10, "0")}.twa`);
const index = (): string => join(folder, "index.jsonl");
const segments = (): string[] => readdirSync(folder).filter((name) => name.endsWith(".twa"));

function framesOf(path: string): Buffer[] {
  const bytes = readFileSync(path);
  const frames: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = 8 + bytes.readUInt32LE(at + 4);
    frames.push(bytes.subarray(at, at + length));
    at += length;
  }
  return frames;
}

function addLine(line: object): void {
  const text = readFileSync(index(), "utf8");
  const last = text.trim().split("\n").at(-1) as string;
  const after = createHash("sha256").update(last).digest("hex");
  writeFileSync(index(), `${text}${canonicalJson({ ...line, after })}\n`);
}

/** The exit codes of both verifiers. */
async function verdicts(...more: readonly string[]): Promise<readonly (number | null)[]> {
  const args = [folder, "--key", key, ...more];
  const alone = spawnSync(process.execPath, ["verifier/audit-verify.mjs", ...args], { encoding: "utf8" });
  return [await auditCommand(["verify", ...args, "--json"]), alone.status];
}

describe("an index with a hold as its last line", () => {
  beforeEach(() => {
    writeTrail(folder, [5, 5, 5], folderOptions());
    const { folder: open } = openAuditFolder(folder, folderOptions());
    const held = open.hold({ id: "H1", subject: "case 7", reason: "an inquiry", approver: "cco" });
    if (!("event" in held)) throw new Error("not held");
    const chain = chainIn(open);
    chain.append(serviceEntry("legalHold", held.event, BASE_NS + 1_000_000n));
    chain.seal();
    open.close();
  });

  const holds = (): readonly string[] => {
    const { folder: open } = openAuditFolder(folder, folderOptions());
    const ids = open.holds.map(({ id }) => id);
    open.close();
    return ids;
  };

  it.each<[string, (bytes: Buffer) => Buffer]>([
    ["untouched", (bytes) => bytes],
    ["without its newline", (bytes) => bytes.subarray(0, -1)],
  ])("%s still holds", (_, change) => {
    writeFileSync(index(), change(readFileSync(index())));
    expect(holds()).toEqual(["H1"]);
    expect(holds()).toEqual(["H1"]);
  });

  it.each<[string, (bytes: Buffer) => void]>([
    [
      "a bit of its newline",
      (bytes) => void bytes.writeUInt8((bytes.at(-1) as number) ^ 1, bytes.length - 1),
    ],
    ["a letter turned to zero", (bytes) => void bytes.writeUInt8(0, bytes.lastIndexOf("inquiry"))],
  ])("with %s is damaged, and nothing is changed", (_, change) => {
    const bytes = readFileSync(index());
    change(bytes);
    writeFileSync(index(), bytes);
    expect(() => openAuditFolder(folder, folderOptions())).toThrow(/FAULT_JOURNAL_CORRUPT/);
    expect(readFileSync(index()).equals(bytes)).toBe(true);
  });
});

describe("a folder that somebody took evidence from", () => {
  beforeEach(() => {
    writeTrail(folder, [5, 5, 5, 5]);
  });

  it("is good evidence before", async () => {
    expect(await verdicts()).toEqual([0, 0]);
  });

  it("proves nothing without its checkpoints", async () => {
    const frames = [0, 1, 2, 3].map((i) =>
      framesOf(segment(i)).filter((frame) => kindOf(frame) !== "checkpoint"),
    );
    frames[1] = (frames[1] as Buffer[]).filter((frame) => kindOf(frame) !== "block");
    for (const [i, forged] of forge(frames).entries()) {
      rmSync(segment(i));
      writeFileSync(segment(i), Buffer.concat(forged));
    }
    rmSync(index());
    expect(await verdicts()).toEqual([1, 1]);
  });

  it("has lost what an anchor that was kept elsewhere shows", async () => {
    const checkpoint = framesOf(segment(0))
      .filter((frame) => kindOf(frame) === "checkpoint")
      .at(-1) as Buffer;
    const anchor = join(tmpdir(), `tickwright-anchor-${process.pid}`);
    writeFileSync(anchor, checkpoint.subarray(8));
    for (const path of [segment(0), segment(1), index()]) rmSync(path);
    expect(await verdicts("--anchor", anchor)).toEqual([1, 1]);
    rmSync(anchor);
  });

  it("is not helped by lines that say its segments were retired", () => {
    for (const each of [0, 1]) {
      addLine({ kind: "retired", segment: each, approver: "x", recordSeq: 1, atNs: BASE_NS });
      rmSync(segment(each));
    }
    let problem: string | undefined;
    try {
      problem = verifyAuditFolder(folder, { key: KEY.verifierKey }).problem?.code;
    } catch (fault) {
      problem = String(fault);
    }
    expect(problem).toMatch(/FAULT_JOURNAL_CORRUPT|AUDIT_TOMBSTONE_MISSING/);
  });

  it("is not made smaller by an opening that such a line asks to end a deletion", () => {
    addLine({ kind: "retired", segment: 0, approver: "x", recordSeq: 1, atNs: BASE_NS });
    expect(() => openAuditFolder(folder, folderOptions())).toThrow(/FAULT_JOURNAL_CORRUPT/);
    expect(segments().length).toBe(4);
  });
});
