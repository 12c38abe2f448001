import { Fault } from "../base/index.ts";

const MINT = Symbol("mint");

let vaultOf: (token: ApprovedOrder) => ApprovalVault;
let slotOf: (token: ApprovedOrder) => number;
let serialOf: (token: ApprovedOrder) => number;

/**
 * Proof that the risk gate let one order, or one replace of an order, through. A venue's door takes nothing else.
 *
 * It carries no terms: the door gets them from the gate, once (`gate.take`). Only a gate makes one: `new`,
 * subclasses, `Object.create`, spreads and copies make nothing that a gate would take.
 *
 * @invariant Good for one send, by the gate that made it, while neither a limit nor the kill latch has changed.
 * @throws `FAULT_APPROVAL` from its constructor, whoever calls it.
 * @cost 48 bytes, the only allocation of a decision.
 */
export class ApprovedOrder {
  /** Tells an approval from a refusal. */
  declare readonly ok: true;
  readonly #vault: ApprovalVault;
  readonly #slot: number;
  readonly #serial: number;

  static {
    vaultOf = (token) => token.#vault;
    slotOf = (token) => token.#slot;
    serialOf = (token) => token.#serial;
  }

  constructor(mint: typeof MINT, vault: ApprovalVault, slot: number, serial: number) {
    if (mint !== MINT) {
      const expected = "an approval that a gate returned";
      throw new Fault("FAULT_APPROVAL", { path: "approvedOrder", value: "a constructor call", expected });
    }
    this.#vault = vault;
    this.#slot = slot;
    this.#serial = serial;
  }

  /** Whether a value is an approval at all. */
  static is(value: unknown): value is ApprovedOrder {
    return typeof value === "object" && value !== null && #vault in value;
  }
}

Object.defineProperty(ApprovedOrder.prototype, "ok", { value: true });
Object.freeze(ApprovedOrder.prototype);
Object.freeze(ApprovedOrder);

/**
 * Where a gate remembers which of its approvals are still good: one number for each order's place. Each gate has
 * its own and shows it to nobody.
 *
 * @invariant Of all approvals of a place only the last can be good, once: while the place's number is odd.
 */
export class ApprovalVault {
  readonly #serials: Int32Array;

  constructor(capacity: number) {
    this.#serials = new Int32Array(capacity);
  }

  /** Makes the one good approval of a place; earlier ones are void. */
  mint(slot: number): ApprovedOrder {
    const serial = ((this.#serials[slot] as number) + 1) | 1;
    this.#serials[slot] = serial;
    return new ApprovedOrder(MINT, this, slot, serial);
  }

  /** Makes the approvals of a place void. */
  revoke(slot: number): void {
    this.#serials[slot] = (((this.#serials[slot] as number) | 1) + 1) | 0;
  }

  /** The first place with a good approval; -1 where there is none. */
  get firstGood(): number {
    return this.#serials.findIndex((serial) => (serial & 1) === 1);
  }

  /**
   * The place of a good approval.
   *
   * @throws `FAULT_APPROVAL` on anything that is no approval, or one of another gate, or one that was used or
   * revoked.
   */
  slotOf(token: ApprovedOrder): number {
    if (!ApprovedOrder.is(token))
      throw refuseToken("not an approval of this copy of the package", "an approval");
    if (vaultOf(token) !== this) throw refuseToken("another gate's approval", "this gate's approval");
    const slot = slotOf(token);
    if (serialOf(token) === this.#serials[slot]) return slot;
    throw refuseToken("an approval that was used or revoked", "a good approval");
  }
}

/** The fault of an approval that is not good. */
export function refuseToken(value: string, expected: string): Fault {
  return new Fault("FAULT_APPROVAL", { path: "approvedOrder", value, expected });
}
