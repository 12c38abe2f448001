import { spawn, spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AuditVerifier } from "../../src/audit/index.ts";
import { type S3AuditOptions, S3AuditStore } from "../../src/store/index.ts";
// biome-ignore lint/correctness/useImportExtensions: its types stand beside it
import { parseKey, verifySegments } from "../../verifier/audit-verify.mjs";
import { pythonWith, WORKSPACE } from "../bench/peers/workspace.ts";
import { KEY, keptLog } from "../fixtures/audit-trail.ts";

/** Amazon's client against servers on this machine: one that answers as scripted, and moto, which keeps object lock. */
const PEER = "@aws-sdk/client-s3";
const sdk = await import("@aws-sdk/client-s3").catch(() => undefined);
const noSdk = sdk === undefined ? `skipped: ${PEER} is not installed` : "";
const SECRET = "not-a-secret-but-treated-as-one";
const SETTINGS = {
  AWS_ACCESS_KEY_ID: "AKIATEST",
  AWS_SECRET_ACCESS_KEY: SECRET,
  AWS_REGION: "us-east-1",
  AWS_EC2_METADATA_DISABLED: "true",
  AWS_CONFIG_FILE: "/nowhere/config",
  AWS_SHARED_CREDENTIALS_FILE: "/nowhere/credentials",
};
const before = Object.fromEntries(Object.keys(SETTINGS).map((name) => [name, process.env[name]]));
const BYTES = Buffer.from("the bytes of a segment");

beforeAll(() => void Object.assign(process.env, SETTINGS));
afterAll(() => {
  for (const [name, value] of Object.entries(before)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

type Answer = (asked: IncomingMessage, answer: ServerResponse) => void;

/** A server on the loopback address that answers each request as the next of some answers does, or as the last. */
async function serve(answers: Answer[]): Promise<{ server: Server; endpoint: string; asked: () => number }> {
  let count = 0;
  const server = createServer((asked, answer) => {
    const turn = answers[Math.min(count, answers.length - 1)] as Answer;
    count += 1;
    turn(asked, answer);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return { server, endpoint: `http://127.0.0.1:${port}`, asked: () => count };
}

const error =
  (status: number, code: string): Answer =>
  (asked, answer) => {
    asked.resume();
    answer.writeHead(status, { "content-type": "application/xml", "x-amz-request-id": "R-7" });
    const text = `<Error><Code>${code}</Code><Message>${SECRET}</Message><AWSAccessKeyId>AKIATEST</AWSAccessKeyId></Error>`;
    answer.end(asked.method === "HEAD" ? undefined : `<?xml version="1.0" encoding="UTF-8"?>${text}`);
  };
const hangUp: Answer = (asked) => void asked.socket.destroy();
const silence: Answer = () => undefined;

function open(endpoint: string, options: Partial<S3AuditOptions> = {}): S3AuditStore {
  const quick = { attempts: 3, backoffMs: 1, timeoutMs: 10_000 };
  return new S3AuditStore({
    bucket: "desk-audit",
    prefix: "desk/",
    endpoint,
    pathStyle: true,
    ...quick,
    ...options,
  });
}

describe.skipIf(sdk === undefined)(`a server that fails ${noSdk}`, () => {
  it.each([
    ["SlowDown", error(503, "SlowDown"), 3, "FAULT_IO", "SlowDown, status 503, request R-7 after 3 attempts"],
    ["InternalError", error(500, "InternalError"), 3, "FAULT_IO", "InternalError"],
    ["a connection cut", hangUp, 3, "FAULT_IO", "ECONNRESET"],
    ["no answer", silence, 3, "FAULT_IO", "after 3 attempts"],
    ["a clock that is off", error(403, "RequestTimeTooSkewed"), 1, "FAULT_TIME", "a clock within 15 minutes"],
    ["no permission", error(403, "AccessDenied"), 1, "FAULT_CONFIG", "permission"],
    ["a wrong secret", error(403, "SignatureDoesNotMatch"), 1, "FAULT_CONFIG", "secret that belongs"],
    ["no bucket", error(404, "NoSuchBucket"), 1, "FAULT_CONFIG", "a bucket that exists"],
    ["no lock", error(404, "ObjectLockConfigurationNotFoundError"), 1, "FAULT_CONFIG", "object lock"],
  ])("%s", async (name, answer, asked, code, words) => {
    const at = await serve([answer]);
    const store = open(at.endpoint, name === "no answer" ? { timeoutMs: 200 } : {});
    const fault: unknown = await store.check().catch((reason: unknown) => reason);
    expect(fault).toMatchObject({ code });
    const { message, stack } = fault as Error;
    expect(message).toContain(words);
    expect(`${message} ${stack} ${JSON.stringify(fault)}`).not.toMatch(/AKIATEST|not-a-secret/);
    expect(at.asked()).toBe(asked);
    await store.close();
    at.server.closeAllConnections();
    at.server.close();
  });

  it("nobody at all, and no credentials", async () => {
    const at = await serve([silence]);
    await new Promise((done) => at.server.close(done));
    await expect(open(at.endpoint).check()).rejects.toMatchObject({ code: "FAULT_IO" });
    delete process.env["AWS_ACCESS_KEY_ID"];
    await expect(open(at.endpoint).check()).rejects.toMatchObject({ code: "FAULT_CONFIG" });
    Object.assign(process.env, SETTINGS);
  });
});

/** The interpreter that has moto, or why there is none. The network is asked only where TICKWRIGHT_PEERS is set. */
function motoPython(): { readonly python: string; readonly absent: string } {
  if (sdk === undefined) return { python: "", absent: noSdk };
  const python = join(WORKSPACE, "python/bin/python");
  try {
    if (process.env["TICKWRIGHT_PEERS"] !== undefined) {
      pythonWith(["moto[s3]==5.2.5", "flask==3.1.3", "flask-cors==6.0.5"], () => undefined);
    }
  } catch (cause) {
    return {
      python: "",
      absent: `skipped: ${cause instanceof Error ? cause.message.split("\n")[0] : "no moto"}`,
    };
  }
  const has =
    existsSync(python) && spawnSync(python, ["-c", "import moto.server"], { timeout: 60_000 }).status === 0;
  return has
    ? { python, absent: "" }
    : { python: "", absent: "skipped: no moto in .bench-peers/python; TICKWRIGHT_PEERS=1 installs it" };
}

const { python, absent } = motoPython();
if (absent !== "") console.warn(absent);

describe.skipIf(absent !== "")(`a server that keeps object lock: moto ${absent}`, () => {
  let moto: ReturnType<typeof spawn> | undefined;
  let port = 0;
  let endpoint = "";
  let client: Record<string, (input: object) => Promise<{ readonly VersionId?: string }>> = {};

  beforeAll(async () => {
    const free = await serve([silence]);
    port = (free.server.address() as AddressInfo).port;
    await new Promise((done) => free.server.close(done));
    endpoint = `http://127.0.0.1:${port}`;
    const words = ["-c", "from moto.server import main; main()", "-H", "127.0.0.1", "-p", String(port)];
    moto = spawn(python, words, { stdio: "ignore" });
    for (let i = 0; i < 150; i++) {
      const isUp = await fetch(endpoint).then(
        () => true,
        () => false,
      );
      if (isUp) break;
      await new Promise((done) => setTimeout(done, 200));
    }
    if (sdk === undefined) throw new Error(noSdk);
    client = new sdk.S3({ endpoint, forcePathStyle: true }) as object as typeof client;
    await client["createBucket"]?.({ Bucket: "desk-audit", ObjectLockEnabledForBucket: true });
    await client["createBucket"]?.({ Bucket: "open" });
  }, 60_000);
  afterAll(() => void moto?.kill());

  it("takes a log, keeps it, and gives it back to both verifiers", async () => {
    const store = open(endpoint);
    const { segments } = keptLog([300, 0, 100], { checkpointBlocks: 2 });
    for (const [i, bytes] of segments.entries()) {
      const put = await store.put(`segment-000000000${i}.twa`, bytes);
      expect(put).toMatchObject({ isNew: true, byteLength: bytes.length });
      expect(put.retainUntil.getUTCFullYear()).toBe(new Date().getUTCFullYear() + 7);
    }
    const verifier = new AuditVerifier({ key: KEY.verifierKey });
    const kept: { name: string; bytes: Uint8Array }[] = [];
    for (const { name } of await store.list()) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of store.read(name)) {
        chunks.push(chunk);
        verifier.push(chunk);
      }
      verifier.endSegment();
      kept.push({ name, bytes: Buffer.concat(chunks) });
    }
    expect(verifier.finish()).toMatchObject({ ok: true, proved: { fromSeq: 1, toSeq: 400 } });
    expect(verifySegments(kept, [parseKey(KEY.verifierKey.text)])).toMatchObject({ ok: true, segments: 3 });
    await store.close();
  });

  it("lets nobody delete a segment, and what is put over it hides nothing", async () => {
    const store = open(endpoint);
    const { versionId } = await store.put("locked.twa", BYTES);
    const place = { Bucket: "desk-audit", Key: "desk/locked.twa" };
    await expect(client["deleteObject"]?.({ ...place, VersionId: versionId })).rejects.toMatchObject({
      name: "AccessDenied",
    });
    await client["putObject"]?.({ ...place, Body: Buffer.from("forged") });
    await client["deleteObject"]?.(place);
    expect(await store.verify("locked.twa")).toMatchObject({ versionId, byteLength: BYTES.length });
    expect(await store.put("locked.twa", BYTES)).toMatchObject({ versionId, isNew: false });
    const listed = (await store.list()).find(({ name }) => name === "locked.twa");
    expect(listed).toMatchObject({ versionId, versionsOver: 1, marksOver: 1 });
    await expect(store.put("locked.twa", Buffer.from("other"))).rejects.toMatchObject({
      code: "FAULT_JOURNAL_CORRUPT",
    });
    await store.close();
  });

  it("takes a file of some megabytes as a stream", async () => {
    const path = join(mkdtempSync(join(tmpdir(), "tickwright-s3-")), "large.twa");
    const bytes = randomBytes(5_000_001);
    writeFileSync(path, bytes);
    const store = open(endpoint);
    const { sha256 } = await store.put("large.twa", path);
    expect(sha256).toBe(createHash("sha256").update(bytes).digest("hex"));
    expect(await store.verify("large.twa")).toMatchObject({ sha256, byteLength: bytes.length });
    await store.close();
    rmSync(dirname(path), { recursive: true });
  });

  it("locks for longer, and holds", async () => {
    const store = open(endpoint, { legalHold: true });
    expect(await store.put("held.twa", BYTES)).toMatchObject({ legalHold: true });
    expect(await store.hold("held.twa", false)).toMatchObject({ legalHold: false });
    expect(await store.hold("held.twa", true)).toMatchObject({ legalHold: true });
    const late = new Date("2060-01-01T00:00:00Z");
    expect(await store.extend("held.twa", late)).toMatchObject({ retainUntil: late, legalHold: true });
    await store.close();
  });

  it("is refused a bucket without object lock", async () => {
    for (const bucket of ["open", "nowhere"]) {
      await expect(open(endpoint, { bucket }).put("x.twa", BYTES)).rejects.toMatchObject({
        code: "FAULT_CONFIG",
      });
    }
  });

  it("is reached through a network that fails", async () => {
    const pass: Answer = (asked, answer) => {
      const { method, url, headers } = asked;
      const onward = request({ port, host: "127.0.0.1", method, path: url, headers }, (said) => {
        answer.writeHead(said.statusCode ?? 500, said.headers);
        said.pipe(answer);
      });
      asked.pipe(onward);
    };
    // The answer to the upload is lost once it was carried out.
    const lose: Answer = (asked, answer) => {
      const { method, url, headers } = asked;
      const onward = request({ port, host: "127.0.0.1", method, path: url, headers }, (said) => {
        said.resume();
        said.on("end", () => answer.socket?.destroy());
      });
      asked.pipe(onward);
    };
    const slow = error(503, "SlowDown");
    // Lock, list, put (lost, then told that it is there), list, head.
    const at = await serve([slow, hangUp, pass, slow, pass, hangUp, lose, slow, pass, pass, hangUp, pass]);
    const store = open(at.endpoint, { attempts: 4 });
    expect(await store.put("far.twa", BYTES)).toMatchObject({ isNew: false, byteLength: BYTES.length });
    expect(at.asked()).toBe(12);
    expect((await store.list()).find(({ name }) => name === "far.twa")).toMatchObject({ versionsOver: 0 });
    await store.close();
    at.server.closeAllConnections();
    at.server.close();
  });
});
