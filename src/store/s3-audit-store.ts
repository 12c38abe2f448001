import { createHash } from "node:crypto";
import { checkBoolean, checkKeys, Fault } from "../base/index.ts";
import { openS3, type S3Api, type S3Place } from "./s3-api.ts";
import { type S3AuditOptions, type S3AuditSettings, s3AuditSettings } from "./s3-audit-options.ts";
import { callS3 } from "./s3-caller.ts";
import { contentOf, endBody, type S3Content, segmentsIn } from "./s3-content.ts";
import {
  chunksOf,
  listed,
  type S3Layers,
  type S3Listed,
  type S3Stored,
  sameBytes,
  sameTerms,
  storedOf,
} from "./s3-stored.ts";
import { readS3Error, s3Fault } from "./s3-trouble.ts";

/** What `put` did. */
export interface S3Put extends S3Stored {
  /** False where the same bytes were there already. */
  readonly isNew: boolean;
}

/** For how long and how a segment is locked, where that is not what the store's options say. */
export interface S3Terms {
  readonly retainUntil?: Date;
  readonly legalHold?: boolean;
}

const NAME = /^[\w.-]+(?:\/[\w.-]+)*$/;

/**
 * Keeps sealed audit segments in a bucket with object lock, in COMPLIANCE mode: until its date nobody can delete an
 * object or shorten its lock, not with any permission. What is stored is read back by its head: length, SHA-256,
 * mode, date and hold.
 *
 * @invariant A name is written once: the same bytes again change nothing, other bytes are a fault. Reading goes to the
 * first version, whatever was written over it or hides it.
 * @throws `FAULT_CONFIG` for options, credentials, permissions, region, bucket, or a bucket without object lock;
 * `FAULT_PEER_MISSING`; `FAULT_TIME` where this machine's clock is off; `FAULT_JOURNAL_CORRUPT` where a server has other
 * bytes; `FAULT_IO` for all else, after `attempts`. No fault carries a secret.
 * @cost A put is four calls and, for a file, two readings of it; memory does not grow with the file.
 * @example
 * ```ts
 * import { S3AuditStore } from "tickwright/store";
 * const store = new S3AuditStore({ bucket: "desk-audit", prefix: "desk/", region: "eu-central-1" });
 * const archive = async (path: string) => await store.put("segment-0000000000.twa", path);
 * store.location("segment-0000000000.twa"); // => 's3://desk-audit/desk/segment-0000000000.twa'
 * ```
 * @source Amazon S3 API reference: PutObject, Object Lock; 17 CFR 240.17a-4(f)(2)(i)(B)
 */
export class S3AuditStore {
  readonly #settings: S3AuditSettings;
  #opening: Promise<S3Api> | undefined;

  constructor(options: S3AuditOptions) {
    this.#settings = s3AuditSettings(options);
  }

  /** Where an object of a name is. */
  location(name: string, versionId = ""): string {
    const { bucket } = this.#settings;
    return `s3://${bucket}/${this.#key(name)}${versionId === "" ? "" : `?versionId=${versionId}`}`;
  }

  /** Loads the client and asks the bucket for its lock; other calls do so by themselves. */
  async check(): Promise<void> {
    await this.#api();
  }

  /**
   * Stores bytes or a file under a name, locked, and checks what the server has. Done again after a failure, it ends
   * with the same object.
   */
  async put(name: string, source: string | Uint8Array, terms: S3Terms = {}): Promise<S3Put> {
    const { until, isHeld } = this.#terms(terms);
    const place = this.location(name);
    const content = await contentOf(place, source);
    const before = (await this.stored(name)) ?? (await this.#send(name, content, until, isHeld));
    if (isPut(before)) return before;
    sameBytes(before, content);
    // Locked until later, or held, it stays so.
    const later = until > before.retainUntil ? until : before.retainUntil;
    const isLess = later > before.retainUntil || (isHeld && !before.legalHold);
    const stored = isLess ? await this.#lock(before, later, isHeld || before.legalHold) : before;
    return { ...stored, isNew: false };
  }

  /**
   * Stores every sealed segment of an audit folder (`*.twa` in it and in `cold`), in their order. What has not been sealed
   * is left out and named; a segment that a crash ended stays so: `put` it where the next one is sealed.
   */
  async putFolder(
    folder: string,
    terms: S3Terms = {},
  ): Promise<{ readonly stored: readonly S3Put[]; readonly unsealed: readonly string[] }> {
    const stored: S3Put[] = [];
    const unsealed: string[] = [];
    for (const { name, path, isSealed } of await segmentsIn(folder)) {
      if (isSealed) stored.push(await this.put(name, path, terms));
      else unsealed.push(name);
    }
    return { stored, unsealed };
  }

  /** The segments that are stored, in the order of their names, and what was put over them. */
  async list(): Promise<readonly S3Listed[]> {
    const { prefix } = this.#settings;
    const versions = await this.#versions(prefix);
    return [...versions]
      .flatMap(([key, layers]) => listed(key.slice(prefix.length), layers))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** What the server says of a segment; `undefined` where there is none. */
  async stored(name: string): Promise<S3Stored | undefined> {
    const key = this.#key(name);
    const first = (await this.#versions(key)).get(key)?.versions.at(-1);
    return first === undefined ? undefined : await this.#head(name, first.VersionId ?? "");
  }

  /**
   * Reads a segment, as chunks for an `AuditVerifier`, and gives what the server says of it.
   *
   * @throws Also `FAULT_JOURNAL_CORRUPT` behind the last chunk, where they are not the bytes that were stored; a
   * connection that fails midway is not taken up again.
   */
  async *read(name: string): AsyncGenerator<Uint8Array, S3Stored> {
    const stored = await this.#there(name);
    const api = await this.#api();
    const input = { ...this.#place(name, stored.versionId), ChecksumMode: "ENABLED" } as const;
    const { byteLength } = stored;
    const open = await callS3(stored.location, this.#settings, (call) => api.getObject(input, call), {
      byteLength,
    });
    const hash = createHash("sha256");
    let length = 0;
    try {
      for await (const chunk of chunksOf(stored.location, open)) {
        hash.update(chunk);
        length += chunk.length;
        yield chunk;
      }
    } catch (error) {
      throw error instanceof Fault ? error : s3Fault(stored.location, readS3Error(error), 1);
    }
    sameBytes(stored, { byteLength: length, sha256: hash.digest() });
    return stored;
  }

  /** Reads a segment back and says what it is; the bytes are dropped. @throws What `read` throws. */
  async verify(name: string): Promise<S3Stored> {
    const chunks = this.read(name);
    for (;;) {
      const next = await chunks.next();
      if (next.done === true) return next.value;
    }
  }

  /** Locks a segment for longer. @throws Also `FAULT_INPUT` for a moment before the one it is locked until. */
  async extend(name: string, retainUntil: Date): Promise<S3Stored> {
    const stored = await this.#there(name);
    const { until } = this.#terms({ retainUntil });
    if (until < stored.retainUntil) {
      const expected = `at least ${stored.retainUntil.toISOString()}`;
      throw new Fault("FAULT_INPUT", { path: "retainUntil", value: until.toISOString(), expected });
    }
    return await this.#lock(stored, until, stored.legalHold);
  }

  /** Puts a segment under a legal hold, or ends it: held, it stays beyond its date. */
  async hold(name: string, isOn: boolean): Promise<S3Stored> {
    checkBoolean("isOn", isOn);
    const stored = await this.#there(name);
    return await this.#lock(stored, stored.retainUntil, isOn);
  }

  /** Closes a client of our making. */
  async close(): Promise<void> {
    const opening = this.#opening;
    this.#opening = undefined;
    if (this.#settings.client === undefined) (await opening?.catch(() => undefined))?.destroy?.();
  }

  #api(): Promise<S3Api> {
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  async #open(): Promise<S3Api> {
    const { bucket, client, server } = this.#settings;
    const api = client ?? (await openS3(server));
    const place = `s3://${bucket}`;
    const said = await callS3(place, this.#settings, (call) =>
      api.getObjectLockConfiguration({ Bucket: bucket }, call),
    );
    if (said.ObjectLockConfiguration?.ObjectLockEnabled === "Enabled") return api;
    const expected = "a bucket made with object lock";
    throw new Fault("FAULT_CONFIG", { path: `${place} bucket`, value: "no object lock", expected });
  }

  #terms(terms: S3Terms): { readonly until: Date; readonly isHeld: boolean } {
    checkKeys("terms", terms, ["retainUntil", "legalHold"]);
    const { now, retainYears, legalHold } = this.#settings;
    const isHeld = checkBoolean("terms.legalHold", terms.legalHold ?? legalHold);
    const nowMs = now().getTime();
    const said =
      terms.retainUntil ?? new Date(new Date(nowMs).setUTCFullYear(now().getUTCFullYear() + retainYears));
    // Servers keep whole seconds; none may be lost.
    const untilMs = said instanceof Date ? Math.ceil(said.getTime() / 1000) * 1000 : Number.NaN;
    if (untilMs > nowMs) return { until: new Date(untilMs), isHeld };
    const value = Number.isFinite(untilMs) ? new Date(untilMs).toISOString() : String(said);
    throw new Fault("FAULT_CONFIG", { path: "terms.retainUntil", value, expected: "a date ahead of now" });
  }

  #key(name: string): string {
    const key = `${this.#settings.prefix}${name}`;
    if (typeof name === "string" && NAME.test(name) && Buffer.byteLength(key) <= 1024) return key;
    const expected = "letters, digits, _.- and single slashes, 1024 bytes with the prefix";
    throw new Fault("FAULT_INPUT", { path: "name", value: name, expected });
  }

  #place(name: string, VersionId: string): Required<S3Place> {
    return { Bucket: this.#settings.bucket, Key: this.#key(name), VersionId };
  }

  async #there(name: string): Promise<S3Stored> {
    const stored = await this.stored(name);
    if (stored !== undefined) return stored;
    const expected = "a segment that is stored";
    throw new Fault("FAULT_INPUT", { path: this.location(name), value: "nothing", expected });
  }

  /** Uploads, unless there is one of this name, and then gives that one. */
  async #send(name: string, content: S3Content, until: Date, isHeld: boolean): Promise<S3Put | S3Stored> {
    const api = await this.#api();
    const { byteLength, sha256 } = content;
    const input = {
      Bucket: this.#settings.bucket,
      Key: this.#key(name),
      ContentLength: byteLength,
      ContentType: "application/octet-stream",
      ChecksumAlgorithm: "SHA256",
      ChecksumSHA256: sha256.toString("base64"),
      IfNoneMatch: "*",
      ObjectLockMode: "COMPLIANCE",
      ObjectLockRetainUntilDate: until,
      ObjectLockLegalHoldStatus: isHeld ? "ON" : "OFF",
    } as const;
    const hears = new Map([["PreconditionFailed", "there" as const]]);
    const said = await callS3<{ readonly VersionId?: string | undefined } | "there">(
      this.location(name),
      this.#settings,
      async (call) => {
        const Body = content.body();
        try {
          return await api.putObject({ ...input, Body }, call);
        } finally {
          endBody(Body);
        }
      },
      { hears, byteLength },
    );
    // Somebody was first: another process, or an attempt of ours whose answer was lost.
    if (said === "there") return await this.#there(name);
    const stored = await this.#head(name, said.VersionId ?? "");
    sameBytes(stored, content);
    return { ...sameTerms(stored, until, isHeld), isNew: true };
  }

  /** Sets date and hold where they are others, and checks that they are. */
  async #lock(stored: S3Stored, until: Date, isHeld: boolean): Promise<S3Stored> {
    const api = await this.#api();
    const { name, location, versionId } = stored;
    const place = { ...this.#place(name, versionId), ChecksumAlgorithm: "SHA256" } as const;
    if (until.getTime() !== stored.retainUntil.getTime()) {
      const Retention = { Mode: "COMPLIANCE", RetainUntilDate: until } as const;
      await callS3(location, this.#settings, (call) => api.putObjectRetention({ ...place, Retention }, call));
    }
    if (isHeld !== stored.legalHold) {
      const LegalHold = { Status: isHeld ? "ON" : "OFF" } as const;
      await callS3(location, this.#settings, (call) => api.putObjectLegalHold({ ...place, LegalHold }, call));
    }
    return sameTerms(await this.#head(name, versionId), until, isHeld);
  }

  async #head(name: string, versionId: string): Promise<S3Stored> {
    const api = await this.#api();
    const location = this.location(name, versionId);
    const input = { ...this.#place(name, versionId), ChecksumMode: "ENABLED" } as const;
    const head = await callS3(location, this.#settings, (call) => api.headObject(input, call));
    return storedOf(name, versionId, location, head);
  }

  /** The versions and marks under a prefix, by key, the newest first. */
  async #versions(prefix: string): Promise<Map<string, S3Layers>> {
    const api = await this.#api();
    const found = new Map<string, S3Layers>();
    const at = (key: string | undefined): S3Layers => {
      const layers = found.get(key ?? "") ?? { versions: [], marks: [] };
      found.set(key ?? "", layers);
      return layers;
    };
    let next: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {};
    while (next !== undefined) {
      const input: { Bucket: string; Prefix: string } = {
        Bucket: this.#settings.bucket,
        Prefix: prefix,
        ...next,
      };
      const page = await callS3(`s3://${input.Bucket}/${prefix}`, this.#settings, (call) =>
        api.listObjectVersions(input, call),
      );
      for (const each of page.Versions ?? []) at(each.Key).versions.push(each);
      for (const each of page.DeleteMarkers ?? []) at(each.Key).marks.push(each);
      const { IsTruncated, NextKeyMarker = "", NextVersionIdMarker = "" } = page;
      next =
        IsTruncated === true ? { KeyMarker: NextKeyMarker, VersionIdMarker: NextVersionIdMarker } : undefined;
    }
    return found;
  }
}

function isPut(stored: S3Stored): stored is S3Put {
  return "isNew" in stored;
}
