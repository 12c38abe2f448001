import { checkArray, checkChoice, checkInteger, checkKeys, Fault } from "../base/index.ts";
import { CONSUMERS_MAX, type RingShape } from "./ring-layout.ts";

const BYTES_MAX = 2_147_483_648;

/** A consumer that a ring is made with. */
export interface RingConsumerPlan {
  /** Consumers, by index, that must have released a message before this one reads it; earlier ones only. */
  readonly after?: readonly number[];
}

/**
 * Options of a ring.
 *
 * @units slots; bytes
 */
export interface RingOptions {
  /** Messages the ring holds: a power of two within 2 and 2^24. */
  readonly capacity: number;
  /** The size of a message: a multiple of 8 within 8 and 65,536; 64 unless given. */
  readonly slotBytes?: number;
  /** `same`: one thread, no atomic operations; `cross`: shared memory and a handle. `same` unless given. */
  readonly threads?: "same" | "cross";
  /** One producer or several; `single` unless given. */
  readonly producers?: "single" | "multi";
  /** Consumers that gate from the beginning, opened or not; one unless given. */
  readonly consumers?: readonly RingConsumerPlan[];
  /** Places for consumers, those that join later included; as many as `consumers` unless given, at most 16. */
  readonly consumersMax?: number;
  /** The number of the first message, from -2^31; 0 unless given. For tests: numbers wrap at 2^32. */
  readonly firstSequence?: number;
}

const OPTIONS = [
  "capacity",
  "slotBytes",
  "threads",
  "producers",
  "consumers",
  "consumersMax",
  "firstSequence",
];

/** {@link RingOptions} with every default in place. */
export interface RingPlan {
  readonly shape: RingShape;
  readonly isShared: boolean;
  readonly firstSequence: number;
  /** For each declared consumer all those before it, as bits. */
  readonly after: readonly number[];
}

/**
 * Checks options and fills in what was left out.
 *
 * @throws `FAULT_CONFIG` naming the option.
 */
export function checkRingOptions(options: RingOptions): RingPlan {
  checkKeys("ring", options, OPTIONS);
  const capacity = checkInteger("ring.capacity", options.capacity, 2, 16_777_216);
  if ((capacity & (capacity - 1)) !== 0) {
    throw new Fault("FAULT_CONFIG", { path: "ring.capacity", value: capacity, expected: "a power of two" });
  }
  const slotBytes = checkInteger("ring.slotBytes", options.slotBytes ?? 64, 8, 65_536);
  if (slotBytes % 8 !== 0) {
    throw new Fault("FAULT_CONFIG", {
      path: "ring.slotBytes",
      value: slotBytes,
      expected: "a multiple of 8",
    });
  }
  if (capacity * slotBytes > BYTES_MAX) {
    const expected = "at most 2 GiB of slots";
    throw new Fault("FAULT_CONFIG", { path: "ring.capacity", value: capacity, expected });
  }
  const producers = checkChoice("ring.producers", options.producers ?? "single", ["single", "multi"]);
  const threads = checkChoice("ring.threads", options.threads ?? "same", ["same", "cross"]);
  const after = masksOf(options.consumers ?? [{}]);
  const declared = after.length;
  const most = options.consumersMax ?? declared;
  const consumersMax = checkInteger("ring.consumersMax", most, declared, CONSUMERS_MAX);
  return {
    shape: { capacity, slotBytes, isMulti: producers === "multi", declared, consumersMax },
    isShared: threads === "cross",
    firstSequence: checkInteger(
      "ring.firstSequence",
      options.firstSequence ?? 0,
      -2_147_483_648,
      2_147_483_647,
    ),
    after,
  };
}

/** For each consumer those before it, and those before them: where one of them leaves, the others still hold. */
function masksOf(plans: readonly RingConsumerPlan[]): number[] {
  const masks: number[] = [];
  checkInteger("ring.consumers.length", checkArray("ring.consumers", plans).length, 1, CONSUMERS_MAX);
  for (const [consumer, plan] of plans.entries()) {
    const path = `ring.consumers.${consumer}`;
    checkKeys(path, plan, ["after"]);
    let mask = 0;
    for (const before of checkArray(`${path}.after`, plan.after ?? [], 0)) {
      checkInteger(`${path}.after`, before, 0, consumer - 1);
      mask |= (1 << before) | (masks[before] ?? 0);
    }
    masks.push(mask);
  }
  return masks;
}
