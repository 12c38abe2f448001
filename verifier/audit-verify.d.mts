/** Types of `audit-verify.mjs`, for those who import it. */
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

export interface Found {
  readonly ok: boolean;
  readonly problem: Problem | null;
  readonly proved: Range | null;
  readonly unproved: Range | null;
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

export function parseKey(text: string): TrustedKey;
export function verifySegments(
  segments: Iterable<SegmentSource>,
  keys: readonly TrustedKey[],
  anchors?: readonly Uint8Array[],
): Found;
export function verifyFolder(
  folder: string,
  keys: readonly TrustedKey[],
  anchors?: readonly Uint8Array[],
): Found;
