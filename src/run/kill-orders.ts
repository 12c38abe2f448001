import type { KillScope } from "../risk/index.ts";
import type { TradingSession } from "./trading-session.ts";

/** The scopes an order belongs to beside the firm: its venue, account, strategy, symbol (by symbol and by key). */
export function orderScopes(
  { kernel }: TradingSession,
  account: string,
  station: number,
  strategy: number,
): readonly KillScope[] {
  const { instruments, slots } = kernel;
  const instrument = instruments[station];
  const scopes: KillScope[] = [
    { kind: "venue", name: instrument?.venue ?? "" },
    { kind: "account", name: account },
    { kind: "strategy", name: slots[strategy]?.name ?? "" },
    { kind: "symbol", name: instrument?.symbol ?? "" },
    { kind: "symbol", name: instrument?.key ?? "" },
  ];
  return scopes.filter(({ name }) => name !== "");
}
