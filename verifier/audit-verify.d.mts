// Types of `audit-verify.mjs`, for those who import it.

/** A verifier key that is trusted. */
export interface TrustedKey {
  readonly name: string;
  readonly id: string;
  readonly text: string;
}

/** A segment in memory, or what reads it: fewer bytes than asked for at its end. */
export interface SegmentSource {
  readonly name: string;
  readonly bytes?: Uint8Array;
  readonly read?: (at: number, length: number) => Uint8Array;
}

/** Records from one to another, both included. */
export interface Range {
  readonly fromSeq: number;
  readonly toSeq: number;
}

/** The first thing that is wrong: a code of `AUDIT_PROBLEMS`, and where. */
export interface Problem extends Range {
  readonly code: string;
  /** `null` behind the last file. */
  readonly file: string | null;
  readonly segment: number;
  readonly offset: number;
  readonly message: string;
}

/** What a log was found to be. */
export interface Found {
  readonly ok: boolean;
  readonly problem: Problem | null;
  /**
   * What became of the records before the first one that was read: `here` where there are none before it, `retired` where
   * a proved tombstone tells of them, `part` where the caller said so; `null` where no header was read.
   */
  readonly beginning: "here" | "retired" | "part" | "missing" | null;
  readonly proved: Range | null;
  readonly unproved: Range | null;
  /** The keys came from the caller, not from beside the log. */
  readonly trust: "given";
  readonly isSealed: boolean;
  readonly segments: number;
  readonly blocks: number;
  readonly checkpoints: number;
  readonly rotations: number;
  readonly anchors: number;
  readonly bytes: number;
  /** The last one that was signed. */
  readonly checkpoint: {
    readonly signer: string;
    readonly size: number;
    readonly time: string;
    readonly clock: string;
    readonly root: Uint8Array;
    readonly hash: Uint8Array;
  } | null;
}

/** How a log is verified. */
export interface VerifyOptions {
  /** It begins later than the log, and the caller knows; false unless given. */
  readonly part?: boolean;
}

/** Reads a key, `name+id+base64`. @throws `Error` for what is none */
export function parseKey(text: string): TrustedKey;
/** Verifies segments in their order. */
export function verifySegments(
  segments: Iterable<SegmentSource>,
  keys: readonly TrustedKey[],
  anchors?: readonly Uint8Array[],
  options?: VerifyOptions,
): Found;

/** Verifies the files `*.twa` of a folder and of its subfolder `cold`, in the order of their names. */
export function verifyFolder(
  folder: string,
  keys: readonly TrustedKey[],
  anchors?: readonly Uint8Array[],
  options?: VerifyOptions,
): Found;
