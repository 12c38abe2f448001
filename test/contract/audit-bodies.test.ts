import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type {
  AuditChain,
  AuditChainState,
  AuditEntry,
  AuditEventName,
  AuditLeaves,
} from "../../src/audit/index.ts";
import { AuditProver } from "../../src/audit/index.ts";
import { type AuditBody, BODIES, SlowLinks, SlowTrail } from "../fixtures/audit-bodies.ts";
import {
  BASE_NS,
  header,
  KEY,
  keptLog,
  NEXT_KEY,
  ORIGIN,
  SAMPLE_TYPES,
  sampleEntry,
} from "../fixtures/audit-trail.ts";
import { fuzz } from "../fixtures/fuzz.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const sha = (...parts: Uint8Array[]): string =>
  parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest("hex");

function noise(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0, word = seed | 1; i < length; i++) {
    word = Math.imul(word, 1664525) + 1013904223;
    bytes[i] = word >>> 24;
  }
  return bytes;
}

/** What is done to the chains of all bodies alike. */
type LinkCommand =
  | readonly ["append" | "admit", number, number]
  | readonly ["flush"]
  | readonly ["resume", number];

const lengths = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 0, max: 600 }) },
  { weight: 2, arbitrary: fc.constantFrom(0, 31, 32, 33, 55, 56, 64, 232, 4096, 65_535, 65_536) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 65_536 }) },
);
const linkCommands = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.tuple(fc.constantFrom("append", "admit"), lengths, fc.nat(1e6)) },
    { weight: 2, arbitrary: fc.constant(["flush"] as const) },
    { weight: 1, arbitrary: fc.tuple(fc.constant("resume" as const), fc.integer({ min: 1, max: 90 })) },
  ),
  { maxLength: 60 },
) as fc.Arbitrary<LinkCommand[]>;

describe("links of records", () => {
  it("are those of createHash after every command, by every body", () => {
    fc.assert(
      fc.property(linkCommands, fc.integer({ min: 1, max: 90 }), fc.nat(1e6), (commands, batch, seed) => {
        const first = seed % 3 === 0 ? new Uint8Array(32) : noise(32, seed);
        const slow = new SlowLinks(first);
        const all = BODIES.map(([name, body]) => new LinkRun(name, body, first, batch));
        for (const [name, ...args] of commands) {
          if (name === "append" || name === "admit") slow.add(noise(args[0] as number, args[1] as number));
          for (const run of all) {
            run.do([name, ...args] as unknown as LinkCommand);
            run.check(slow, first);
          }
        }
      }),
      fuzz(120),
    );
  });

  it.each(BODIES)("%s: have the head that is on record", (_name, { RecordChain }) => {
    const chain = new RecordChain({ batchRecords: 7 });
    for (let i = 0; i < 300; i++) chain.append(new Uint8Array(i).fill(i));
    expect([chain.size, chain.pending]).toEqual([294, 6]);
    chain.flush();
    expect(hex(chain.head)).toBe("538699283253f92f6da5d1ac04d1d2101213c0e3d9fc9e3b21b19b5d3711b571");
    chain.flush();
    expect([chain.size, chain.pending]).toEqual([300, 0]);
  });

  it.each(BODIES)("%s: refuse what is no record, and stay as they are", (_name, { RecordChain }) => {
    const chain = new RecordChain();
    chain.append(Uint8Array.of(1));
    const fault = expect.objectContaining({ code: "FAULT_INPUT", path: "recordChain.record" });
    expect(() => chain.append(new Uint8Array(65_537))).toThrow(fault);
    expect(() => chain.append("abc" as never)).toThrow(fault);
    chain.buffer.raw(new Uint8Array(65_536));
    chain.buffer.u8(1);
    expect(() => chain.admit()).toThrow(fault);
    chain.buffer.length = 0;
    expect(() => chain.admit()).toThrow(fault);
    chain.flush();
    expect(hex(chain.head)).toBe(sha(new Uint8Array(32), Uint8Array.of(1)));
    const config = (path: string): unknown => expect.objectContaining({ code: "FAULT_CONFIG", path });
    expect(() => new RecordChain({ batchRecords: 4097 })).toThrow(
      config("recordChain.batchRecords") as Error,
    );
    expect(() => new RecordChain({ digest: {} as never })).toThrow(
      config("recordChain.digest.edge") as Error,
    );
    expect(() => new RecordChain({ onLink: () => undefined } as never)).toThrow(
      config("recordChain.onLink") as Error,
    );
    expect(() => new RecordChain({ head: new Uint8Array(31) })).toThrow("recordChain.head");
  });
});

/** One body's chain, and the links that it told of. */
class LinkRun {
  readonly #name: string;
  readonly #body: AuditBody;
  readonly #told: Buffer[] = [];
  #chain: InstanceType<AuditBody["RecordChain"]>;
  /** Records that the chains before this one linked. */
  #before = 0;

  constructor(name: string, body: AuditBody, head: Uint8Array, batchRecords: number) {
    this.#name = name;
    this.#body = body;
    this.#chain = this.#open(head, batchRecords);
  }

  do([name, ...args]: LinkCommand): void {
    const chain = this.#chain;
    if (name === "append") chain.append(noise(args[0] as number, args[1] as number));
    if (name === "admit") {
      chain.buffer.raw(noise(args[0] as number, args[1] as number));
      chain.admit();
    }
    if (name === "flush") chain.flush();
    if (name === "resume") {
      chain.flush();
      this.#before += chain.size;
      this.#chain = this.#open(chain.head, args[0] as number);
    }
  }

  check(slow: SlowLinks, first: Uint8Array): void {
    const { size, pending, head } = this.#chain;
    const linked = this.#before + size;
    expect([this.#name, linked + pending]).toEqual([this.#name, slow.links.length]);
    expect([this.#name, hex(head)]).toEqual([this.#name, hex(slow.at(linked, first))]);
    expect(Buffer.concat(this.#told).equals(Buffer.concat(slow.links.slice(0, linked)))).toBe(true);
  }

  #open(head: Uint8Array, batchRecords: number): InstanceType<AuditBody["RecordChain"]> {
    const before = this.#before;
    const onLinks = (links: Uint8Array, at: number): void => {
      expect(before + at).toBe(this.#told.length);
      for (let i = 0; i < links.length; i += 32) this.#told.push(Buffer.from(links.slice(i, i + 32)));
    };
    return new this.#body.RecordChain({ head, batchRecords, onLinks });
  }
}

type ChainCommand =
  | readonly ["fill", number]
  | readonly ["long", number]
  | readonly ["flush" | "checkpoint" | "rotate" | "save" | "seal"];

const chainCommands = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.tuple(fc.constant("fill" as const), fc.integer({ min: 1, max: 40 })) },
    { weight: 2, arbitrary: fc.tuple(fc.constant("long" as const), fc.integer({ min: 1, max: 60_000 })) },
    { weight: 4, arbitrary: fc.constantFrom(["flush"], ["checkpoint"], ["rotate"], ["save"], ["seal"]) },
  ),
  { maxLength: 25 },
) as fc.Arbitrary<ChainCommand[]>;

describe("trails", () => {
  it("are the same bytes after every command, with the head and root of the definition", () => {
    fc.assert(
      fc.property(
        chainCommands,
        fc.constantFrom<AuditLeaves>("block", "record"),
        fc.integer({ min: 1, max: 64 }),
        fc.integer({ min: 1, max: 9 }),
        (commands, leaves, blockRecords, checkpointBlocks) => {
          const all = BODIES.map(([, body]) => new TrailRun(body, leaves, blockRecords, checkpointBlocks));
          for (const command of commands) {
            for (const run of all) run.do(command);
            const [first, ...others] = all.map((run) => run.state());
            for (const other of others) expect(other).toEqual(first);
          }
          for (const run of all) expect(run.verdict()).toEqual(all[0]?.verdict());
        },
      ),
      fuzz(40),
    );
  });

  it.each(BODIES)("%s: have the bytes that are on record", (_name, body) => {
    for (const [leaves, tip, size, bytes] of [
      [
        "block",
        "60ac29bb90eb40863da6f24921a7503c903932d932be6fa261f86f016d596563",
        6,
        "6c8c63024c7d50a7c06bfb98e64d2134fe36b8da7088702a75b4641c3cded57a",
      ],
      [
        "record",
        "59ed08c79a01eed57e98f911120e9568f475f36e846ce15e021b0ba689db70fd",
        75,
        "9ef46995eb3398608b19a8886df502a2def767e08d60bd5ece544841bec113e2",
      ],
    ] as const) {
      const { segments, state } = trailOf(body, [70, 5], leaves, 16, 3);
      expect([leaves, state.tip, state.tree.size, sha(...segments)]).toEqual([leaves, tip, size, bytes]);
      const prover = new AuditProver(segments);
      expect(prover.prove(71)).toEqual(new AuditProver(keptTrail(leaves)).prove(71));
    }
  });
});

const keptTrail = (leaves: AuditLeaves): Uint8Array[] =>
  keptLog([70, 5], { leaves, blockRecords: 16, checkpointBlocks: 3 }).segments;

describe("verifiers", () => {
  it.each(["block", "record"] as const)(
    "find every byte that was changed, and say the same of it: leaves of %ss",
    {
      timeout: 120_000,
    },
    (leaves) => {
      const { segments } = trailOf((BODIES[0] as (typeof BODIES)[number])[1], [4, 3], leaves, 3, 2);
      for (const [index, segment] of segments.entries()) {
        for (let at = 0; at < segment.length; at++) {
          const changed = segments.map((each) => each.slice());
          (changed[index] as Uint8Array)[at]! ^= 1 << (at % 8);
          const [first, ...others] = BODIES.map(([, body]) => verdictOf(body, changed));
          expect(first?.ok, `segment ${index}, byte ${at}`).toBe(false);
          for (const other of others) expect(other).toEqual(first);
        }
      }
    },
  );

  it.each(BODIES)("%s: leave the bytes they read as they are", (_name, body) => {
    const segments = keptTrail("record");
    const before = sha(...segments);
    expect(verdictOf(body, segments).ok).toBe(true);
    expect(sha(...segments)).toBe(before);
  });
});

/** A trail under random commands, in segments that continue each other. */
class TrailRun {
  readonly #body: AuditBody;
  readonly #options: {
    readonly leaves: AuditLeaves;
    readonly blockRecords: number;
    readonly checkpointBlocks: number;
  };
  readonly #frames: Uint8Array[][] = [];
  readonly #slow = new SlowTrail();
  #chain: AuditChain;
  #keys = [KEY, NEXT_KEY];
  #turn = 0;

  constructor(body: AuditBody, leaves: AuditLeaves, blockRecords: number, checkpointBlocks: number) {
    this.#body = body;
    this.#options = { leaves, blockRecords, checkpointBlocks };
    this.#slow.isPerRecord = leaves === "record";
    this.#chain = this.#open(undefined);
  }

  do([name, count = 0]: ChainCommand | readonly [ChainCommand[0]]): void {
    const chain = this.#chain;
    if (name === "fill") for (let i = 0; i < count; i++) chain.append(this.#entry());
    if (name === "long")
      chain.append(this.#entry("systemEvent", { component: "engine", event: "x".repeat(count) }));
    if (name === "flush") chain.flush();
    if (name === "checkpoint") chain.checkpoint();
    if (name === "rotate" && this.#keys.length > 1) {
      this.#keys.shift();
      chain.rotate(this.#keys[0] as typeof KEY, "yearly", header(this.#time()));
    }
    if (name === "save") chain.save();
    if (name === "seal") this.#chain = this.#open(chain.seal());
  }

  /** A digest of all that can be seen, once it is what the definition says. */
  state(): string {
    const { tip, treeSize, nextSeq, pending, segment } = this.#chain;
    const saved = JSON.stringify(this.#chain.save());
    expect(hex(this.#chain.tip)).toBe(hex(this.#slow.tip));
    expect(this.#chain.treeSize).toBe(this.#slow.leaves.length);
    return sha(
      tip,
      Buffer.from(JSON.stringify([treeSize, nextSeq, pending, segment, saved])),
      ...this.#frames.flat(),
    );
  }

  verdict(): unknown {
    this.#chain.checkpoint();
    const note = this.#frames
      .flat()
      .findLast((frame) => hex(frame.subarray(0, 4)) === hex(Buffer.from("CHK1")));
    if (note !== undefined) {
      const root = Buffer.from(note.subarray(8)).toString().split("\n")[2];
      expect(root).toBe(this.#slow.root().toString("base64"));
    }
    const verdict = verdictOf(
      this.#body,
      this.#frames.map((each) => Buffer.concat(each)),
    );
    expect(verdict).toMatchObject({ ok: true, unproved: null });
    return verdict;
  }

  #open(state: AuditChainState | undefined): AuditChain {
    const frames: Uint8Array[] = [];
    this.#frames.push(frames);
    const append = (bytes: Uint8Array): void => {
      frames.push(bytes.slice());
      this.#slow.take(bytes);
    };
    return new this.#body.AuditChain({
      ...this.#options,
      origin: ORIGIN,
      sink: { append, seal: () => undefined },
      signers: [this.#keys[0] as typeof KEY],
      salt: new Uint8Array(32).fill(this.#frames.length),
      ...(state === undefined ? {} : { state }),
    });
  }

  #time(): bigint {
    return BASE_NS + BigInt(this.#turn++) * 1_000n;
  }

  #entry(type?: AuditEventName, payload?: object): AuditEntry {
    const turn = this.#turn;
    const name = type ?? (SAMPLE_TYPES[turn % SAMPLE_TYPES.length] as AuditEventName);
    const entry = sampleEntry(name, turn, this.#time());
    return payload === undefined ? entry : ({ ...entry, payload } as AuditEntry);
  }
}

/** A trail of sealed segments by a body. */
function trailOf(
  body: AuditBody,
  sizes: readonly number[],
  leaves: AuditLeaves,
  blockRecords: number,
  checkpointBlocks: number,
): { segments: Uint8Array[]; state: AuditChainState } {
  let state: AuditChainState | undefined;
  const segments = sizes.map((size, i) => {
    const frames: Uint8Array[] = [];
    const sink = { append: (bytes: Uint8Array) => void frames.push(bytes.slice()), seal: () => undefined };
    const salt = new Uint8Array(32).fill(i + 1);
    const options = { origin: ORIGIN, sink, signers: [KEY], salt, leaves, blockRecords, checkpointBlocks };
    const chain = new body.AuditChain(state === undefined ? options : { ...options, state });
    for (let k = 0; k < size; k++) {
      const turn = chain.nextSeq;
      const type = SAMPLE_TYPES[turn % SAMPLE_TYPES.length] as AuditEventName;
      chain.append(sampleEntry(type, turn, BASE_NS + BigInt(turn) * 1_000n));
    }
    state = chain.seal();
    return new Uint8Array(Buffer.concat(frames));
  });
  return { segments, state: state as AuditChainState };
}

function verdictOf(
  body: AuditBody,
  segments: readonly Uint8Array[],
): ReturnType<InstanceType<AuditBody["AuditVerifier"]>["finish"]> {
  const verifier = new body.AuditVerifier({ key: KEY.verifierKey });
  for (const segment of segments) {
    verifier.push(segment);
    verifier.endSegment();
  }
  return verifier.finish();
}
