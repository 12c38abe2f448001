import { Fault } from "../base/index.ts";
import type { Replica } from "../port/index.ts";

/** The copies of a journal, and how many of them must hold a record. */
export class ReplicaSet {
  readonly #replicas: readonly Replica[];
  readonly #quorum: number;
  /** What went wrong with a copy; it is asked nothing more. */
  readonly #troubles = new Map<Replica, unknown>();

  constructor(replicas: readonly Replica[], quorum: number) {
    this.#replicas = replicas;
    this.#quorum = quorum;
  }

  send(records: Uint8Array, firstSeq: number, lastSeq: number): void {
    for (const replica of this.#replicas) {
      if (this.#troubles.has(replica)) continue;
      try {
        replica.send(records, firstSeq, lastSeq);
      } catch (error) {
        this.#troubles.set(replica, error);
      }
    }
  }

  /** Waits until enough copies hold a record. @throws `FAULT_IO` naming those that do not */
  await(seq: number): void {
    let held = 0;
    const missing: string[] = [];
    for (const replica of this.#replicas) {
      if (held >= this.#quorum) return;
      if (this.#holds(replica, seq)) held++;
      else missing.push(replica.name);
    }
    if (held >= this.#quorum) return;
    const expected = `record ${seq} in ${this.#quorum} of ${this.#replicas.length} replicas`;
    const cause = this.#troubles.values().next().value;
    throw new Fault("FAULT_IO", { path: "replicas", value: `not in ${missing.join(", ")}`, expected, cause });
  }

  #holds(replica: Replica, seq: number): boolean {
    if (this.#troubles.has(replica)) return false;
    try {
      return replica.heldSeq(seq) >= seq;
    } catch (error) {
      this.#troubles.set(replica, error);
      return false;
    }
  }
}
