import { DrawdownWindow } from "./drawdown-window.ts";
import type { GateParts } from "./gate-parts.ts";
import { LIMIT_COLUMNS } from "./limit-table.ts";
import { LIMIT } from "./limits.ts";
import { LossWindow } from "./loss-window.ts";

const WHOLE_BPS = 10_000;

/** The stop-loss windows and drawdowns of all nodes, set by the gate's limits and fed with its profit and equity. */
export class GateLosses {
  readonly window: LossWindow;
  readonly drawdown: DrawdownWindow;
  /** Whether any node has such a limit. */
  isUsed = false;
  readonly #parts: GateParts;
  readonly #windowNs: number;
  readonly #lookbackNs: number;

  constructor(parts: GateParts, nodes: number, windowNs: number, lookbackNs: number) {
    this.#parts = parts;
    this.#windowNs = windowNs;
    this.#lookbackNs = lookbackNs;
    this.window = new LossWindow({ size: nodes });
    this.drawdown = new DrawdownWindow({ size: nodes });
  }

  /** Brings a node's windows in line with its limits. */
  configure(node: number): void {
    const { hard } = this.#parts.limits;
    const row = node * LIMIT_COLUMNS;
    const loss = hard[row + LIMIT.maxWindowLoss] as number;
    const fall = hard[row + LIMIT.maxDrawdown] as number;
    const share = hard[row + LIMIT.maxDrawdownShare] as number;
    const hasLoss = loss < Number.POSITIVE_INFINITY;
    const falls = {
      ...(fall < Number.POSITIVE_INFINITY ? { drawdownCents: fall } : {}),
      ...(share < Number.POSITIVE_INFINITY ? { drawdownBps: Math.floor(share * WHOLE_BPS) } : {}),
    };
    const hasFall = Object.keys(falls).length > 0;
    this.window.configure(node, hasLoss ? { windowNs: this.#windowNs, lossCents: loss } : undefined);
    this.drawdown.configure(node, hasFall ? { lookbackNs: this.#lookbackNs, ...falls } : undefined);
    if (hasLoss || hasFall) this.isUsed = true;
  }

  /** Takes a node's profit and equity of this moment; windows without a limit take nothing. */
  sample(node: number, nowNs: number): void {
    this.window.sample(node, this.#parts.totalProfitOf(node), nowNs);
    this.drawdown.sample(node, this.#parts.equityOf(node), nowNs);
  }
}
