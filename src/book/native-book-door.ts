import { Fault } from "../base/index.ts";
import { nativeDoor } from "../base/native.ts";

/** What native/book/book_binding.cpp gives for a book. A side is +1 or -1; a slot without a live order answers 0. */
export interface BookDoor {
  lotsAtPrice(side: number, tick: number): number;
  ordersAtPrice(side: number, tick: number): number;
  nextLevel(side: number, tick: number): number;
  headSlot(side: number, tick: number): number;
  levels(side: number): number;
  count(which: number): number;
  frontSlot(side: number): number;
  slotOf(id: number): number;
  nextSlot(slot: number): number;
  lotsAt(slot: number): number;
  aheadOfSlot(slot: number): number;
  writeOrder(slot: number, out: Float64Array): number;
  register(rows: Float64Array, results: Int32Array): RunRows | number;
}

/** Runs the first rows of the memory it was made for: how many were not done, or a code below 0. */
export type RunRows = (count: number) => number;

/** A new book in the native binary. */
export function openBook(ordersMax: number, pagesMax: number): BookDoor {
  const room = nativeDoor("book") as { open(ordersMax: number, pagesMax: number): BookDoor | number };
  const door = room.open(ordersMax, pagesMax);
  if (typeof door !== "number") return door;
  throw new Fault("FAULT_CAPACITY", { path: "book", value: door, expected: "memory for a book" });
}
