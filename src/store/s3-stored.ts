import { Fault } from "../base/index.ts";
import type { S3Head, S3Version } from "./s3-api.ts";

/** What a server says of a stored segment. */
export interface S3Stored {
  readonly name: string;
  /** The one version that was written first; whatever is written over it later is another. */
  readonly versionId: string;
  /** `s3://bucket/key?versionId=...` */
  readonly location: string;
  readonly byteLength: number;
  /** @shape 64 hex digits */
  readonly sha256: string;
  /** Nobody can delete it before, nor make this earlier. */
  readonly retainUntil: Date;
  readonly legalHold: boolean;
}

/** A stored segment in a listing. */
export interface S3Listed {
  readonly name: string;
  readonly versionId: string;
  readonly byteLength: number;
  /** The server's time. */
  readonly storedAt: Date;
  /** Versions that somebody wrote over it, and marks that hide it: the segment is still there beneath them. */
  readonly versionsOver: number;
  readonly marksOver: number;
}

/** What lies under one key, the newest first. */
export interface S3Layers {
  readonly versions: S3Version[];
  readonly marks: S3Version[];
}

/** Reads a head. @throws `FAULT_JOURNAL_CORRUPT` where the object is not one that an audit store locked */
export function storedOf(name: string, versionId: string, location: string, head: S3Head): S3Stored {
  const { ContentLength, ChecksumSHA256, ObjectLockMode, ObjectLockRetainUntilDate } = head;
  const sha256 = Buffer.from(ChecksumSHA256 ?? "", "base64");
  if (sha256.length !== 32 || sha256.toString("base64") !== ChecksumSHA256) {
    throw differs(location, `the checksum ${ChecksumSHA256 ?? "of none"}`, "SHA-256 of the whole object");
  }
  if (ObjectLockMode !== "COMPLIANCE" || ObjectLockRetainUntilDate === undefined) {
    throw differs(
      location,
      `the lock ${ObjectLockMode ?? "of none"}`,
      "a lock in COMPLIANCE mode, with a date",
    );
  }
  return {
    name,
    versionId: versionId === "" ? (head.VersionId ?? "") : versionId,
    location,
    byteLength: ContentLength ?? -1,
    sha256: sha256.toString("hex"),
    retainUntil: ObjectLockRetainUntilDate,
    legalHold: head.ObjectLockLegalHoldStatus === "ON",
  };
}

/** Holds what is stored against a length and a hash. @throws `FAULT_JOURNAL_CORRUPT` where it has others */
export function sameBytes(
  stored: S3Stored,
  content: { readonly byteLength: number; readonly sha256: Buffer },
): void {
  const { byteLength } = content;
  const sha256 = content.sha256.toString("hex");
  if (stored.byteLength === byteLength && stored.sha256 === sha256) return;
  const found = `${stored.byteLength} bytes, SHA-256 ${stored.sha256}`;
  throw differs(stored.location, found, `${byteLength} bytes, SHA-256 ${sha256}`);
}

/** What is stored, where it is locked as asked for. @throws `FAULT_JOURNAL_CORRUPT` where it is not */
export function sameTerms(stored: S3Stored, until: Date, isHeld: boolean): S3Stored {
  const { retainUntil, legalHold, location } = stored;
  if (retainUntil < until) {
    throw differs(location, `locked until ${retainUntil.toISOString()}`, `until ${until.toISOString()}`);
  }
  if (legalHold === isHeld) return stored;
  throw differs(location, `a legal hold that is ${legalHold}`, `one that is ${isHeld}`);
}

/** A key's segment, with what lies over it; none where there are only marks. */
export function listed(name: string, { versions, marks }: S3Layers): S3Listed[] {
  const first = versions.at(-1);
  if (first === undefined) return [];
  const { VersionId: versionId = "", Size: byteLength = -1, LastModified: storedAt = new Date(0) } = first;
  return [
    { name, versionId, byteLength, storedAt, versionsOver: versions.length - 1, marksOver: marks.length },
  ];
}

/** The chunks of an answer's body. @throws `FAULT_IO` where it has none */
export function chunksOf(location: string, answer: object): AsyncIterable<Uint8Array> {
  const body: unknown = "Body" in answer ? answer.Body : undefined;
  if (typeof body === "object" && body !== null && Symbol.asyncIterator in body) {
    return body as AsyncIterable<Uint8Array>;
  }
  throw new Fault("FAULT_IO", { path: location, value: typeof body, expected: "a body that can be read" });
}

function differs(path: string, value: string, expected: string): Fault {
  return new Fault("FAULT_JOURNAL_CORRUPT", { path, value, expected });
}
