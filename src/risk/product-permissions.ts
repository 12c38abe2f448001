import { checkInteger, checkKeys } from "../base/index.ts";
import { checkIndex } from "./inputs.ts";
import { readColumn, type SavedColumn, saveColumn } from "./saved-column.ts";
import type { StateColumn, StatePart, StateReader, StateWriter } from "./state-bytes.ts";

/** The most classes of products: one bit of a word each. */
export const MAX_PRODUCT_CLASSES = 32;

/** Options of {@link ProductPermissions}. */
export interface ProductPermissionsOptions {
  readonly nodes: number;
}

/**
 * Which classes of products each node of the limit hierarchy may trade; none until it is allowed.
 *
 * @invariant `allows` is true exactly after an `allow` of the same node and class with no later `deny`.
 * @cost Every call O(1), nothing allocated, but `save` and `load`; 4 bytes a node.
 * @throws `FAULT_CONFIG` for a number of nodes that is none; `FAULT_INPUT` from `allow` and `deny` for an
 * index that is none. `allows` answers no instead.
 * @example
 * ```ts
 * import { ProductPermissions } from "tickwright/risk";
 * const permissions = new ProductPermissions({ nodes: 4 });
 * permissions.allow(2, 0);
 * [permissions.allows(2, 0), permissions.allows(2, 1), permissions.allows(3, 0)]; // => [true, false, false]
 * ```
 * @source SEC 17 CFR 240.15c3-5(c)(2)(ii); Delegated Regulation (EU) 2017/589 Art. 15(5)
 */
export class ProductPermissions implements StatePart {
  readonly nodes: number;
  readonly #allowed: Uint32Array;

  constructor(options: ProductPermissionsOptions) {
    checkKeys("productPermissions", options, ["nodes"]);
    this.nodes = checkInteger("productPermissions.nodes", options.nodes, 1, 1 << 24);
    this.#allowed = new Uint32Array(this.nodes);
  }

  /** Lets a node trade a class. */
  allow(node: number, productClass: number): void {
    const at = checkIndex("productPermissions.node", node, this.nodes);
    this.#allowed[at] = (this.#allowed[at] as number) | bitOf(productClass);
  }

  /** Takes a class away from a node. */
  deny(node: number, productClass: number): void {
    const at = checkIndex("productPermissions.node", node, this.nodes);
    this.#allowed[at] = (this.#allowed[at] as number) & ~bitOf(productClass);
  }

  /** Whether a node may trade a class. */
  allows(node: number, productClass: number): boolean {
    const shifted = (this.#allowed[node] ?? 0) >>> productClass;
    return (shifted & 1) === 1 && productClass < MAX_PRODUCT_CLASSES;
  }

  /** The permissions of every node as words of bits, JSON-safe. */
  save(): SavedColumn {
    return saveColumn(this.#allowed);
  }

  /**
   * Takes what `save` wrote.
   *
   * @throws `FAULT_INPUT` for anything else.
   */
  load(saved: SavedColumn): void {
    this.#allowed.set(readColumn("productPermissions", saved, this.nodes, 0, 0xffff_ffff));
  }

  /** The state, for the snapshot of a gate. */
  saveInto(to: StateWriter): void {
    to.columns(this.#saved());
  }

  /** Reads what `saveInto` wrote. @throws `FAULT_INPUT` naming the field */
  loadFrom(from: StateReader): () => void {
    return from.columns(this.#saved());
  }

  #saved(): readonly StateColumn[] {
    return [["allowed", this.#allowed, 0, 0, 0xffff_ffff]];
  }
}

function bitOf(productClass: number): number {
  return 1 << checkIndex("productPermissions.productClass", productClass, MAX_PRODUCT_CLASSES);
}
