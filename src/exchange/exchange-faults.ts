import { checkBoolean, checkInteger, checkKeys, Prng } from "../base/index.ts";
import {
  checkFaultRule,
  type FaultInForce,
  type FaultRule,
  isRequestFault,
  type StreamClass,
} from "./fault-rules.ts";
import type { RequestClass } from "./route.ts";

/** What faults do to the exchange as a whole. */
export interface FaultHands {
  /** What the wire's times are off by. */
  clockOffset(ms: number): void;
  loseListenKeys(): void;
  /** Cuts every websocket. */
  dropStreams(): void;
  /** Every websocket of now stays, and nothing is sent on it any more. */
  freezeStreams(): void;
  /** Cuts all connections, then comes back, with its open orders or without them. */
  restart(keepOrders: boolean, downMs: number): void;
  maintenance(on: boolean): void;
}

/**
 * What goes wrong, on command: rules for requests and for messages of streams, and strokes that happen at once.
 *
 * @invariant One seed and one order of requests and messages give the same faults.
 */
export class ExchangeFaults {
  #maintenance = false;
  readonly #rules: FaultInForce[] = [];
  readonly #hands: FaultHands;
  readonly #rng: Prng;

  constructor(seed: number, hands: FaultHands) {
    this.#rng = new Prng(seed);
    this.#hands = hands;
  }

  /** Puts a rule in force; what comes back counts how often it struck. @throws `FAULT_CONFIG` naming its part */
  add(rule: FaultRule): Readonly<FaultInForce> {
    const inForce: FaultInForce = { rule: checkFaultRule(rule), struck: 0, passed: 0 };
    this.#rules.push(inForce);
    return inForce;
  }

  /** Takes every rule away, and ends a maintenance. */
  clear(): void {
    this.#rules.length = 0;
    if (this.#maintenance) this.setMaintenance(false);
  }

  /** The rules in force. */
  get rules(): readonly Readonly<FaultInForce>[] {
    return this.#rules;
  }

  /** Whether there is a maintenance. */
  get maintenance(): boolean {
    return this.#maintenance;
  }

  /** Begins or ends a maintenance: every request is answered 503, and every websocket is cut. */
  setMaintenance(on: boolean): void {
    this.#maintenance = checkBoolean("fault.maintenance", on);
    this.#hands.maintenance(on);
  }

  /** From now on the wire's times are off by this. */
  setClockOffset(ms: number): void {
    this.#hands.clockOffset(checkInteger("fault.clockOffsetMs", ms));
  }

  /** Every listen key ends, and every subscription of the websocket API; their streams are told so. */
  loseListenKeys(): void {
    this.#hands.loseListenKeys();
  }

  /** Cuts every websocket. */
  dropStreams(): void {
    this.#hands.dropStreams();
  }

  /** Every websocket of now stays open, and nothing is sent on it any more. */
  freezeStreams(): void {
    this.#hands.freezeStreams();
  }

  /**
   * Cuts all connections and comes back, as after a crash: with the open orders, or with all of them canceled.
   *
   * @units `downMs`: ms in which it takes no connection; 0 unless given
   */
  restart(options: { readonly keepOrders: boolean; readonly downMs?: number }): void {
    checkKeys("fault", options, ["keepOrders", "downMs"]);
    const downMs = checkInteger("fault.downMs", options.downMs ?? 0, 0, 600_000);
    this.#hands.restart(checkBoolean("fault.keepOrders", options.keepOrders), downMs);
  }

  /** The rule that strikes a request. */
  forRequest(about: RequestClass): FaultRule | undefined {
    return this.#strike(about, true);
  }

  /** The rule that strikes a message. */
  forMessage(about: StreamClass): FaultRule | undefined {
    return this.#strike(about, false);
  }

  #strike(about: string, isRequest: boolean): FaultRule | undefined {
    for (const inForce of this.#rules) {
      const { rule } = inForce;
      if (isRequestFault(rule.kind) !== isRequest) continue;
      if (rule.on !== undefined && rule.on !== about) continue;
      if (inForce.struck >= (rule.count ?? 1)) continue;
      if (inForce.passed < (rule.after ?? 0)) {
        inForce.passed += 1;
        continue;
      }
      if ((rule.probability ?? 1) < 1 && this.#rng.float() >= (rule.probability ?? 1)) continue;
      inForce.struck += 1;
      return rule;
    }
    return undefined;
  }
}
