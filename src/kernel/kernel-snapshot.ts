import { canonicalJson, Digest, Fault } from "../base/index.ts";
import type { LedgerSnapshot } from "../ledger/index.ts";
import { restoreOrders, snapshotOrders } from "../order/index.ts";
import type { SavedEffectLog } from "./effect-log.ts";
import type { SavedOrderDesk } from "./order-desk.ts";
import type { SavedRiskDesk } from "./risk-desk.ts";
import type { SavedSettlement } from "./settlement.ts";
import type { SavedSlot, Slot } from "./slot.ts";
import type { SavedStation } from "./station.ts";
import type { SavedTimers } from "./timers.ts";
import type { TradingKernel } from "./trading-kernel.ts";

/** One part of a kernel's state. */
export interface KernelSection {
  readonly name: string;
  readonly bytes: Uint8Array;
}

interface SavedKernel {
  readonly nowNs: number;
  readonly activity: number;
  readonly timers: SavedTimers;
  readonly effects: SavedEffectLog;
  readonly desk: SavedOrderDesk;
  readonly risk: SavedRiskDesk;
  readonly settlement: SavedSettlement;
  readonly stations: readonly SavedStation[];
}

/**
 * Everything a kernel's next decisions depend on, in parts: `kernel` (clock, timers, counters, digests), `orders`,
 * `ledger`, `gate`, `strategies`, and `book n` for each instrument. Take it between two inputs.
 *
 * @invariant Equal histories give equal bytes. A kernel of the same options that loads them makes the same decisions
 * from there on, and ends with the same `finalState()`.
 * @throws `FAULT_CALLBACK` naming a strategy without `onSave` and `onLoad`, or whose `onSave` throws; `FAULT_INPUT` naming
 * what in its state JSON cannot bring back.
 * @cost O(orders held + levels of books + what the gate remembers).
 */
export function saveKernel(kernel: TradingKernel): readonly KernelSection[] {
  for (const slot of kernel.slots) checkSaves(slot);
  const strategies = kernel.slots.map((slot) => slot.save());
  const saved: SavedKernel = {
    nowNs: kernel.nowNs[0] as number,
    activity: kernel.activity.count,
    timers: kernel.timers.save(),
    effects: kernel.effects.save(),
    desk: kernel.desk.save(),
    risk: kernel.risk.save(),
    settlement: kernel.settlement.save(),
    stations: kernel.stations.map((station) => station.save()),
  };
  return [
    { name: "kernel", bytes: jsonBytes(saved) },
    { name: "orders", bytes: snapshotOrders(kernel.orders) },
    { name: "ledger", bytes: jsonBytes(kernel.ledger.snapshot()) },
    { name: "gate", bytes: kernel.gate.save() },
    { name: "strategies", bytes: jsonBytes(strategies) },
    ...kernel.stations.map(({ book }, i) => ({ name: `book ${i}`, bytes: bytesOf(book.save()) })),
  ];
}

/**
 * Brings a kernel that has seen no input to the state that {@link saveKernel} took.
 *
 * @throws `FAULT_INPUT` naming a part that is missing, damaged or of other options, `FAULT_CALLBACK` as
 * {@link saveKernel}; the kernel is of no use then.
 */
export function loadKernel(kernel: TradingKernel, sections: readonly KernelSection[]): void {
  const parts = new Map(sections.map(({ name, bytes }) => [name, bytes]));
  const part = (name: string): Uint8Array => {
    const bytes = parts.get(name);
    if (bytes !== undefined) return bytes;
    const expected = `a part named ${name}`;
    throw new Fault("FAULT_INPUT", { path: "kernelSnapshot", value: [...parts.keys()], expected });
  };
  const json = (name: string): unknown => readJson(name, part(name));
  const saved = json("kernel") as SavedKernel;
  const slots = json("strategies") as readonly SavedSlot[];
  for (const [what, found, own] of [
    ["stations", saved.stations.length, kernel.stations.length],
    ["strategies", slots.length, kernel.slots.length],
  ] as const) {
    if (found === own) continue;
    throw new Fault("FAULT_INPUT", { path: `kernelSnapshot.${what}`, value: found, expected: `${own}` });
  }
  for (const slot of kernel.slots) checkSaves(slot);
  kernel.nowNs[0] = saved.nowNs;
  kernel.activity.count = saved.activity;
  restoreOrders(part("orders"), kernel.orders);
  kernel.ledger.restore(json("ledger") as LedgerSnapshot);
  kernel.gate.load(part("gate"));
  kernel.timers.load(saved.timers);
  kernel.effects.load(saved.effects);
  kernel.risk.load(saved.risk);
  kernel.desk.load(saved.desk);
  kernel.settlement.load(saved.settlement);
  for (const [i, station] of kernel.stations.entries()) {
    station.load(saved.stations[i] as SavedStation);
    station.book.load(cellsOf(`book ${i}`, part(`book ${i}`)));
  }
  for (const [i, slot] of kernel.slots.entries()) {
    slot.load(slots[i] as SavedSlot);
    const { activity, effects } = kernel;
    if (activity.count === saved.activity && effects.count === saved.effects.count) continue;
    const expected = "no order and no timer: those it had are there already";
    throw new Fault("FAULT_CALLBACK", { path: `strategies.${slot.name}.onLoad`, expected });
  }
}

/** What one half of a strategy saved would be lost without the other. */
function checkSaves({ strategy, name, canSave }: Slot): void {
  if (canSave) return;
  const missing = strategy.onSave === undefined ? "onSave" : "onLoad";
  const expected = "a strategy with onSave and onLoad";
  throw new Fault("FAULT_CALLBACK", { path: `strategies.${name}.${missing}`, expected });
}

/** One hash over all parts, as 64 hex digits. */
export function kernelStateHash(sections: readonly KernelSection[]): string {
  const digest = new Digest();
  for (const { name, bytes } of sections) digest.update(`${name} ${bytes.length}\n`).update(bytes);
  return digest.hex();
}

function jsonBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(canonicalJson(value));
}

function readJson(name: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    const value = cause instanceof Error ? cause.message : cause;
    throw new Fault("FAULT_INPUT", { path: `kernelSnapshot.${name}`, value, expected: "JSON in UTF-8" });
  }
}

function bytesOf(cells: Float64Array): Uint8Array {
  return new Uint8Array(cells.buffer, cells.byteOffset, cells.byteLength);
}

function cellsOf(name: string, bytes: Uint8Array): Float64Array {
  if (bytes.length % 8 !== 0) {
    const expected = "whole numbers of 8 bytes";
    throw new Fault("FAULT_INPUT", { path: `kernelSnapshot.${name}`, value: bytes.length, expected });
  }
  return new Float64Array(bytes.slice().buffer);
}
