import { Fault } from "../base/index.ts";

/** What every call is given beside its input. */
export interface S3Call {
  readonly abortSignal: AbortSignal;
}

/** Names an object, and one of its versions where that is said. */
export interface S3Place {
  Bucket: string;
  Key: string;
  VersionId?: string;
}

/** What is sent with an object. */
export interface S3PutInput {
  Bucket: string;
  Key: string;
  Body: Uint8Array | import("node:stream").Readable;
  ContentLength: number;
  ContentType: string;
  ChecksumAlgorithm: "SHA256";
  /** @shape base64 of 32 bytes */
  ChecksumSHA256: string;
  IfNoneMatch: "*";
  ObjectLockMode: "COMPLIANCE";
  ObjectLockRetainUntilDate: Date;
  ObjectLockLegalHoldStatus: "ON" | "OFF";
}

/** What a server says of an object; fields it does not say are absent. */
export interface S3Head {
  readonly ContentLength?: number | undefined;
  readonly ChecksumSHA256?: string | undefined;
  readonly VersionId?: string | undefined;
  readonly ObjectLockMode?: string | undefined;
  readonly ObjectLockRetainUntilDate?: Date | undefined;
  readonly ObjectLockLegalHoldStatus?: string | undefined;
}

/** One version of an object in a listing, or a mark that says it was deleted. */
export interface S3Version {
  readonly Key?: string | undefined;
  readonly VersionId?: string | undefined;
  readonly Size?: number | undefined;
  readonly LastModified?: Date | undefined;
}

/** A page of a listing. */
export interface S3Versions {
  readonly Versions?: readonly S3Version[] | undefined;
  readonly DeleteMarkers?: readonly S3Version[] | undefined;
  readonly IsTruncated?: boolean | undefined;
  readonly NextKeyMarker?: string | undefined;
  readonly NextVersionIdMarker?: string | undefined;
}

/**
 * The operations of S3 that an audit store takes: an `S3` of `@aws-sdk/client-s3` has them all, and so may any other
 * client, or a test's.
 */
export interface S3Api {
  putObject(input: S3PutInput, call: S3Call): Promise<{ readonly VersionId?: string | undefined }>;
  headObject(input: S3Place & { ChecksumMode: "ENABLED" }, call: S3Call): Promise<S3Head>;
  getObject(input: S3Place & { ChecksumMode: "ENABLED" }, call: S3Call): Promise<{ readonly Body?: unknown }>;
  listObjectVersions(
    input: { Bucket: string; Prefix: string; KeyMarker?: string; VersionIdMarker?: string },
    call: S3Call,
  ): Promise<S3Versions>;
  getObjectLockConfiguration(
    input: { Bucket: string },
    call: S3Call,
  ): Promise<{
    readonly ObjectLockConfiguration?: { readonly ObjectLockEnabled?: string | undefined } | undefined;
  }>;
  putObjectRetention(
    input: S3Place & {
      Retention: { Mode: "COMPLIANCE"; RetainUntilDate: Date };
      ChecksumAlgorithm: "SHA256";
    },
    call: S3Call,
  ): Promise<unknown>;
  putObjectLegalHold(
    input: S3Place & { LegalHold: { Status: "ON" | "OFF" }; ChecksumAlgorithm: "SHA256" },
    call: S3Call,
  ): Promise<unknown>;
  destroy?(): void;
}

/** Where a server is, for a client of our making. */
export interface S3Server {
  /** What the environment says unless given. */
  readonly region?: string;
  /** An address such as `https://s3.example.com`; Amazon's unless given. */
  readonly endpoint?: string;
  /** Whether the bucket stands in the path, as most servers but Amazon's want it; false unless given. */
  readonly pathStyle?: boolean;
}

/** The peer. The name is no literal, so that this package builds where it is not installed. */
const PEER: string = "@aws-sdk/client-s3";

/**
 * Loads the client and makes one. Who we are comes from its own chain: environment, profile, role. It tries each call
 * once, since the store tries again itself.
 *
 * @throws `FAULT_PEER_MISSING` saying what to install.
 */
export async function openS3(server: S3Server): Promise<S3Api> {
  const { S3 } = await load();
  const { region, endpoint, pathStyle = false } = server;
  return new S3({
    maxAttempts: 1,
    forcePathStyle: pathStyle,
    responseChecksumValidation: "WHEN_SUPPORTED",
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
  });
}

async function load(): Promise<{ S3: new (config: object) => S3Api }> {
  try {
    return await import(PEER);
  } catch (cause) {
    const value = cause instanceof Error ? cause.message : String(cause);
    const expected = `the optional peer ${PEER}: npm install ${PEER}`;
    throw new Fault("FAULT_PEER_MISSING", { path: PEER, value, expected, cause });
  }
}
