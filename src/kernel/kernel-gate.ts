import { type ColumnPool, Fault } from "../base/index.ts";
import type { OrderStore } from "../order/index.ts";
import { NO_LIMITS, RiskGate, type RiskGateOptions } from "../risk/index.ts";
import type { Station } from "./station.ts";

/** The risk options of a run: those of a gate that the run does not know itself. */
export type KernelRisk = Omit<RiskGateOptions, "instruments" | "seats" | "capacity"> & {
  /** Who each strategy trades for, in their order; desk, account and user `main` unless given. */
  readonly seats?: readonly { readonly desk: string; readonly account: string; readonly user: string }[];
};

/** The gate of a kernel: without limits where none are given. */
export function makeGate(
  orders: OrderStore,
  stations: readonly Station[],
  strategies: readonly string[],
  currency: string,
  risk: KernelRisk | undefined,
  columns: ColumnPool | undefined,
): RiskGate {
  const names = strategies.map((name, i) => (strategies.indexOf(name) === i ? name : `${name}-${i}`));
  const given = risk?.seats;
  if (given !== undefined && given.length !== names.length) {
    const expected = `one seat for each of ${names.length} strategies`;
    throw new Fault("FAULT_CONFIG", { path: "risk.seats", value: given.length, expected });
  }
  const main = { desk: "main", account: "main", user: "main" };
  const none = {
    currency,
    limits: [{ level: "firm", limits: NO_LIMITS }],
    capital: [],
    hours: "always",
  } as const;
  return new RiskGate(
    {
      ...(risk === undefined ? { ...none, status: "trusted" } : withoutSeats(risk)),
      instruments: stations.map((station) => station.instrument),
      seats: names.map((strategy, i) => ({ ...(given?.[i] ?? main), strategy })),
      capacity: orders.capacity,
    },
    columns,
  );
}

function withoutSeats(risk: KernelRisk): Omit<KernelRisk, "seats"> {
  const { seats: _, ...rest } = risk;
  return rest;
}
