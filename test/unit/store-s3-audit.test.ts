import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { AuditVerifier } from "../../src/audit/index.ts";
import { Fault } from "../../src/base/index.ts";
import { type S3AuditOptions, S3AuditStore } from "../../src/store/index.ts";
import { fill, KEY, keptChain, keptLog } from "../fixtures/audit-trail.ts";
import { MemoryS3, s3Error } from "../fixtures/memory-s3.ts";

const folder = mkdtempSync(join(tmpdir(), "tickwright-s3-"));
afterAll(() => rmSync(folder, { recursive: true }));

const NAME = "segment-0000000000.twa";
const NOW = new Date("2026-02-28T12:00:00.500Z");
const SEVEN_YEARS = new Date("2033-02-28T12:00:01.000Z");
const BYTES = Buffer.from("the bytes of a segment");
const SHA256 = createHash("sha256").update(BYTES).digest("hex");

function open(options: Partial<S3AuditOptions> = {}) {
  const s3 = new MemoryS3("desk-audit");
  s3.now = () => NOW;
  const pauses: number[] = [];
  const pause = async (ms: number) => void pauses.push(ms);
  const given = { bucket: "desk-audit", prefix: "desk/", client: s3, now: () => NOW, pause, random: () => 1 };
  return { s3, pauses, store: new S3AuditStore({ ...given, ...options }) };
}

/** What a promise fails with. */
async function faultOf(promise: Promise<unknown>): Promise<Fault> {
  const fault = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(fault instanceof Fault)) throw new Error(`no fault: ${String(fault)}`);
  return fault;
}

async function readAll(store: S3AuditStore, name: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of store.read(name)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe("put", () => {
  it("locks bytes for seven years and says what the server has", async () => {
    const { s3, store } = open();
    const put = await store.put(NAME, BYTES);
    expect(put).toEqual({
      name: NAME,
      versionId: "v1",
      location: `s3://desk-audit/desk/${NAME}?versionId=v1`,
      byteLength: BYTES.length,
      sha256: SHA256,
      retainUntil: SEVEN_YEARS,
      legalHold: false,
      isNew: true,
    });
    expect(s3.keys.get(`desk/${NAME}`)?.[0]).toMatchObject({ mode: "COMPLIANCE", hold: "OFF" });
    expect(() => s3.remove(`desk/${NAME}`, "v1")).toThrow("AccessDenied");
    expect(await readAll(store, NAME)).toEqual(BYTES);
  });

  it("locks a file in the same way, empty ones too", async () => {
    const { store } = open({ retainYears: 10, legalHold: true });
    const path = join(folder, "file");
    writeFileSync(path, BYTES);
    const until = new Date("2036-02-28T12:00:01.000Z");
    expect(await store.put(NAME, path)).toMatchObject({
      sha256: SHA256,
      legalHold: true,
      retainUntil: until,
    });
    writeFileSync(path, "");
    expect(await store.put("empty", path)).toMatchObject({ byteLength: 0, isNew: true });
    expect(await readAll(store, "empty")).toHaveLength(0);
  });

  it("changes nothing the second time, and refuses other bytes", async () => {
    const { s3, store } = open();
    await store.put(NAME, BYTES);
    s3.calls.length = 0;
    expect(await store.put(NAME, BYTES)).toMatchObject({ versionId: "v1", isNew: false, sha256: SHA256 });
    expect(s3.calls).toEqual(["listObjectVersions", "headObject"]);
    const fault = await faultOf(store.put(NAME, Buffer.from("other bytes")));
    expect(fault.code).toBe("FAULT_JOURNAL_CORRUPT");
    expect(fault.message).toContain(SHA256);
    expect(s3.keys.get(`desk/${NAME}`)).toHaveLength(1);
  });

  it("adds what a second put asks for and what is missing, and takes nothing back", async () => {
    const { store } = open();
    const early = new Date("2030-01-01T00:00:00Z");
    const late = new Date("2040-01-01T00:00:00Z");
    await store.put(NAME, BYTES, { retainUntil: early });
    expect(await store.put(NAME, BYTES, { retainUntil: late })).toMatchObject({ retainUntil: late });
    expect(await store.put(NAME, BYTES, { legalHold: true })).toMatchObject({
      retainUntil: late,
      legalHold: true,
    });
    expect(await store.put(NAME, BYTES, { retainUntil: early })).toMatchObject({
      retainUntil: late,
      legalHold: true,
    });
    const later = new Date("2041-01-01T00:00:00Z");
    expect(await store.put(NAME, BYTES, { retainUntil: later })).toMatchObject({
      retainUntil: later,
      legalHold: true,
    });
  });

  it("is not misled where an answer was lost, or where another process was first", async () => {
    const { s3, store } = open();
    s3.fail("putObject", s3Error("TimeoutError", 0), 1, true);
    expect(await store.put(NAME, BYTES)).toMatchObject({ versionId: "v1", isNew: false });
    expect(s3.calls.filter((each) => each === "putObject")).toHaveLength(2);
    expect(s3.keys.get(`desk/${NAME}`)).toHaveLength(1);
  });

  it("finds the first version beneath what was put over it", async () => {
    const { s3, store } = open();
    await store.put(NAME, BYTES);
    s3.over(`desk/${NAME}`, Buffer.from("forged"));
    s3.over(`desk/${NAME}`, undefined);
    expect(await readAll(store, NAME)).toEqual(BYTES);
    expect(await store.put(NAME, BYTES)).toMatchObject({ versionId: "v1", isNew: false });
    expect(await store.list()).toEqual([
      { name: NAME, versionId: "v1", byteLength: BYTES.length, storedAt: NOW, versionsOver: 1, marksOver: 1 },
    ]);
  });

  it.each([
    ["no checksum", { checksum: undefined }, "SHA-256 of the whole object"],
    ["a checksum of parts", { checksum: "AAAA-2" }, "SHA-256 of the whole object"],
    ["other bytes", { bytes: Buffer.from("short") }, `${BYTES.length} bytes`],
    ["another checksum", { checksum: createHash("sha256").update("x").digest("base64") }, SHA256],
    ["no lock", { mode: undefined }, "COMPLIANCE mode"],
    ["a lock that some may lift", { mode: "GOVERNANCE" }, "COMPLIANCE mode"],
    ["a shorter lock", { until: new Date("2027-01-01") }, "until 2033-02-28"],
    ["no hold", { hold: undefined }, "one that is true"],
  ] as const)("refuses a server that has %s", async (_name, wrong, expected) => {
    const { s3, store } = open({ legalHold: true });
    s3.spoils = (version) => ({ ...version, ...wrong });
    const fault = await faultOf(store.put(NAME, BYTES));
    expect(fault.code).toBe("FAULT_JOURNAL_CORRUPT");
    expect(fault.message).toContain(expected);
  });
});

describe("trouble", () => {
  it.each([
    ["SlowDown", 503],
    ["ServiceUnavailable", 503],
    ["InternalError", 500],
    ["RequestTimeout", 400],
    ["BadDigest", 400],
    ["ConditionalRequestConflict", 409],
    ["TooManyRequestsException", 429],
    ["ECONNRESET", 0],
    ["TimeoutError", 0],
    ["an_odd_one", 502],
  ])("%s is tried again, with longer pauses, up to the last attempt", async (name, status) => {
    const { s3, store, pauses } = open({ attempts: 4, backoffMs: 100 });
    s3.fail("putObject", s3Error(name, status), 3);
    expect(await store.put(NAME, BYTES)).toMatchObject({ isNew: true });
    expect(pauses).toEqual([100, 200, 400]);
    s3.fail("putObject", s3Error(name, status), 4);
    const fault = await faultOf(store.put("another", BYTES));
    expect(fault).toMatchObject({ code: "FAULT_IO", path: "s3://desk-audit/desk/another" });
    expect(fault.message).toContain(`${name}`);
    expect(fault.message).toContain("after 4 attempts");
  });

  it("pauses within a half and the whole of a range that ends at 20 s", async () => {
    const { s3, store, pauses } = open({ attempts: 12, backoffMs: 200, random: () => 0 });
    s3.fail("listObjectVersions", s3Error("SlowDown", 503), 11);
    await store.list();
    expect(pauses.slice(0, 3)).toEqual([100, 200, 400]);
    expect(pauses.at(-1)).toBe(10_000);
  });

  it.each([
    ["RequestTimeTooSkewed", 403, "FAULT_TIME", "clock"],
    ["AccessDenied", 403, "FAULT_CONFIG", "permission"],
    ["UnknownError", 403, "FAULT_CONFIG", "permission"],
    ["CredentialsProviderError", 0, "FAULT_CONFIG", "credentials"],
    ["SignatureDoesNotMatch", 403, "FAULT_CONFIG", "secret"],
    ["InvalidAccessKeyId", 403, "FAULT_CONFIG", "credentials"],
    ["ExpiredToken", 400, "FAULT_CONFIG", "expired"],
    ["PermanentRedirect", 301, "FAULT_CONFIG", "region"],
    ["InvalidRequest", 400, "FAULT_CONFIG", "object lock"],
    ["NotImplemented", 501, "FAULT_IO", "NotImplemented"],
    ["EntityTooLarge", 400, "FAULT_IO", "EntityTooLarge"],
  ])("%s is not tried again, and no secret is told", async (name, status, code, word) => {
    const { s3, store, pauses } = open();
    const secrets = {
      AWSAccessKeyId: "AKIASECRET",
      StringToSign: "AKIASECRET",
      SignatureProvided: "AKIASECRET",
    };
    s3.fail("putObject", s3Error(name, status, secrets));
    const fault = await faultOf(store.put(NAME, BYTES));
    expect(fault.code).toBe(code);
    expect(fault.message).toContain(word);
    expect(pauses).toEqual([]);
    const { stack, cause, ...fields } = fault;
    expect(JSON.stringify({ fields, message: fault.message, stack, cause: String(cause) })).not.toContain(
      "AKIA",
    );
  });

  it("says so where the bucket has no object lock, or is not there, and asks again later", async () => {
    const { s3, store } = open();
    s3.hasLock = false;
    const fault = await faultOf(store.check());
    expect(fault).toMatchObject({ code: "FAULT_CONFIG", path: "s3://desk-audit bucket" });
    expect(fault.message).toContain("object lock");
    expect(await faultOf(store.put(NAME, BYTES))).toMatchObject({ code: "FAULT_CONFIG" });
    expect(s3.calls).not.toContain("putObject");
    s3.hasLock = true;
    await store.check();
    expect(await faultOf(open({ bucket: "elsewhere" }).store.check())).toMatchObject({
      code: "FAULT_CONFIG",
    });
  });

  it("ends an attempt that takes too long", async () => {
    const { s3, store, pauses } = open({ attempts: 2, timeoutMs: 5 });
    const hang = (_input: unknown, { abortSignal }: { readonly abortSignal: AbortSignal }) =>
      new Promise<never>((_done, fail) => {
        abortSignal.addEventListener("abort", () => fail(abortSignal.reason as Error));
      });
    const client = Object.assign(Object.create(s3) as MemoryS3, { listObjectVersions: hang });
    Object.assign(client, { getObjectLockConfiguration: s3.getObjectLockConfiguration.bind(s3) });
    const late = open({ attempts: 2, timeoutMs: 5, client, pause: async (ms) => void pauses.push(ms) }).store;
    const fault = await faultOf(late.list());
    expect(fault).toMatchObject({ code: "FAULT_IO" });
    expect(fault.message).toContain("TimeoutError");
    expect(pauses).toHaveLength(1);
    await store.close();
  });
});

describe("reading", () => {
  it("lists page after page, in the order of names", async () => {
    const { s3, store } = open();
    s3.pageSize = 2;
    for (const i of [4, 1, 3, 0, 2]) await store.put(`segment-${i}`, Buffer.from(String(i)));
    s3.over("desk/segment-1", undefined);
    s3.over("desk/segment-1", Buffer.from("x"));
    s3.over("desk/only-hidden", undefined);
    s3.over("other/segment", Buffer.from("x"));
    const listed = await store.list();
    expect(listed.map(({ name }) => name)).toEqual([0, 1, 2, 3, 4].map((i) => `segment-${i}`));
    expect(listed[1]).toMatchObject({ versionId: "v2", byteLength: 1, versionsOver: 1, marksOver: 1 });
  });

  it("finds bytes that are not those that were stored, behind the last chunk", async () => {
    const { s3, store } = open();
    await store.put(NAME, BYTES);
    expect(await store.verify(NAME)).toMatchObject({ sha256: SHA256, versionId: "v1" });
    const rotten = Buffer.from(BYTES);
    rotten[3] = (rotten[3] as number) ^ 1;
    s3.spoils = (version) => ({ ...version, bytes: rotten });
    expect(await faultOf(store.verify(NAME))).toMatchObject({ code: "FAULT_JOURNAL_CORRUPT" });
  });

  it("gives the log back as it was: the verifier reads it from there", async () => {
    const { store } = open();
    const { segments } = keptLog([40, 0, 25]);
    for (const [i, bytes] of segments.entries()) await store.put(`segment-${i}.twa`, bytes);
    const verifier = new AuditVerifier({ key: KEY.verifierKey });
    for (const { name } of await store.list()) {
      for await (const chunk of store.read(name)) verifier.push(chunk);
      verifier.endSegment();
    }
    expect(verifier.finish()).toMatchObject({ ok: true, proved: { fromSeq: 1, toSeq: 65 } });
  });

  it("names what is not there", async () => {
    const { store } = open();
    expect(await store.stored(NAME)).toBeUndefined();
    for (const work of [store.verify(NAME), store.hold(NAME, true), store.extend(NAME, SEVEN_YEARS)]) {
      expect(await faultOf(work)).toMatchObject({
        code: "FAULT_INPUT",
        path: `s3://desk-audit/desk/${NAME}`,
      });
    }
  });
});

describe("locks", () => {
  it("grow and never shrink; a hold comes and goes", async () => {
    const { s3, store } = open();
    await store.put(NAME, BYTES);
    const late = new Date("2040-01-01T00:00:00Z");
    expect(await store.extend(NAME, late)).toMatchObject({ retainUntil: late, legalHold: false });
    expect(await faultOf(store.extend(NAME, SEVEN_YEARS))).toMatchObject({
      code: "FAULT_INPUT",
      path: "retainUntil",
    });
    expect(await store.hold(NAME, true)).toMatchObject({ retainUntil: late, legalHold: true });
    s3.now = () => new Date("2050-01-01");
    expect(() => s3.remove(`desk/${NAME}`, "v1")).toThrow("AccessDenied");
    expect(await store.hold(NAME, false)).toMatchObject({ legalHold: false });
    s3.remove(`desk/${NAME}`, "v1");
    expect(await store.stored(NAME)).toBeUndefined();
  });
});

describe("a folder", () => {
  it("is stored but for what its writer has not ended", async () => {
    const path = join(folder, "trail");
    mkdirSync(join(path, "cold"), { recursive: true });
    const { segments } = keptLog([10, 5]);
    const open2 = keptChain();
    fill(open2.chain, 3);
    open2.chain.flush();
    writeFileSync(join(path, "cold/segment-0.twa"), segments[0] as Uint8Array);
    writeFileSync(join(path, "segment-1.twa"), segments[1] as Uint8Array);
    writeFileSync(join(path, "segment-2.twa"), open2.bytes());
    writeFileSync(join(path, "segment-3.twa"), "");
    const [tag, length] = [Buffer.alloc(56), Buffer.alloc(56)];
    tag.write("CHK1\x30", "latin1");
    length.write("END1\x31", "latin1");
    writeFileSync(join(path, "segment-4.twa"), tag);
    writeFileSync(join(path, "segment-5.twa"), length);
    writeFileSync(join(path, "index.jsonl"), "{}");
    const { store } = open();
    const { stored, unsealed } = await store.putFolder(path);
    expect(stored.map(({ name, isNew }) => [name, isNew])).toEqual([
      ["segment-0.twa", true],
      ["segment-1.twa", true],
    ]);
    expect(unsealed).toEqual([2, 3, 4, 5].map((i) => `segment-${i}.twa`));
    const again = await store.putFolder(path);
    expect(again.stored.map(({ isNew }) => isNew)).toEqual([false, false]);
    expect(await faultOf(store.putFolder(join(folder, "nowhere")))).toMatchObject({ code: "FAULT_IO" });
  });
});

describe("what is refused", () => {
  const { store } = open();

  it.each([
    [{ bucket: "" }, "bucket"],
    [{ bucket: "Upper" }, "bucket"],
    [{ prefix: "/x" }, "prefix"],
    [{ prefix: "a?b" }, "prefix"],
    [{ retainYears: 0 }, "retainYears"],
    [{ retainYears: 1.5 }, "retainYears"],
    [{ legalHold: "yes" }, "legalHold"],
    [{ attempts: 0 }, "attempts"],
    [{ backoffMs: -1 }, "backoffMs"],
    [{ timeoutMs: 0 }, "timeoutMs"],
    [{ region: "eu-central-1" }, "region"],
    [{ client: {} }, "client.putObject"],
    [{ client: undefined, endpoint: "http://s3.example.com" }, "endpoint"],
    [{ client: undefined, endpoint: "https://AKIA:SECRET@s3.example.com" }, "endpoint"],
    [{ client: undefined, region: "" }, "region"],
    [{ buckets: "x" }, "buckets"],
  ])("the option %j", (options, path) => {
    try {
      open(options as Partial<S3AuditOptions>);
    } catch (error) {
      expect(error).toMatchObject({ code: "FAULT_CONFIG", path: `s3AuditStore.${path}` });
      expect((error as Fault).message).not.toContain("SECRET");
      return;
    }
    throw new Error("taken");
  });

  it.each(["", "/a", "a//b", "a/", "a b", "ä", "a".repeat(1020)])("the name %j", async (name) => {
    expect(await faultOf(store.put(name, BYTES))).toMatchObject({ code: "FAULT_INPUT", path: "name" });
  });

  it("dates that are none or over, words that are none, files that are not there", async () => {
    const terms = [
      [{ retainUntil: new Date(0) }, "terms.retainUntil"],
      [{ retainUntil: new Date(Number.NaN) }, "terms.retainUntil"],
      [{ retainUntil: "2040-01-01" }, "terms.retainUntil"],
      [{ legalHold: 1 }, "terms.legalHold"],
      [{ until: new Date() }, "terms.until"],
    ] as const;
    for (const [each, path] of terms) {
      expect(await faultOf(store.put(NAME, BYTES, each as object))).toMatchObject({
        code: "FAULT_CONFIG",
        path,
      });
    }
    expect(await faultOf(store.put(NAME, join(folder, "nowhere")))).toMatchObject({ code: "FAULT_IO" });
    expect(await faultOf(store.put(NAME, 3 as never))).toMatchObject({ code: "FAULT_INPUT" });
  });
});

it("says what to install where the peer is not there", async () => {
  vi.resetModules();
  vi.doMock("@aws-sdk/client-s3", () => {
    throw new Error("Cannot find package");
  });
  const room = await import("../../src/store/index.ts");
  const store = new room.S3AuditStore({ bucket: "desk-audit" });
  await expect(store.check()).rejects.toThrow(
    /FAULT_PEER_MISSING @aws-sdk\/client-s3: .*npm install @aws-sdk\/client-s3/,
  );
  await store.close();
  vi.doUnmock("@aws-sdk/client-s3");
});
