import { Fault } from "../base/index.ts";
import type { FlattenOptions } from "./kill-flatten.ts";
import { isKillLevel, type KillLevel } from "./kill-latch.ts";
import type { KillControls, KillOrders, KillVenue } from "./kill-port.ts";
import { KILL_CHANNELS, type KillChannel } from "./kill-record.ts";
import type { KillReport } from "./kill-report.ts";
import { checkIdentifier, type KillScope } from "./kill-scopes.ts";

/** Somebody asks for a kill. The role is looked up by `who`, never taken from the request. */
export interface KillRequest {
  readonly who: string;
  readonly channel: KillChannel;
  /** `null` is the firm, and has to be written. */
  readonly scope: KillScope | null;
  /** 1 stops strategies, 2 blocks and cancels, 3 also flattens, 4 logs out after the cancels (and does not flatten). */
  readonly level: KillLevel;
  /** For people; may be empty, a kill never waits for words. */
  readonly reason: string;
  /** T0: when the button was pressed. The moment of the call if left out or later. @units ns from the session's base */
  readonly pressedNs?: number;
}

/** Somebody asks to lift a scope. */
export interface ReenableRequest {
  readonly who: string;
  readonly channel: KillChannel;
  readonly scope: KillScope | null;
  readonly reason: string;
  /** Why the scope may open although orders are unknown; the second person confirms it with the rest. */
  readonly override?: string;
}

/** Somebody else confirms that a scope is lifted. */
export interface ReenableConfirmation {
  readonly who: string;
  readonly channel: KillChannel;
  readonly scope: KillScope | null;
  readonly reason: string;
}

/** Somebody asks for a drill. */
export interface DrillRequest {
  readonly who: string;
  readonly channel: KillChannel;
  readonly reason: string;
  /** What the drill works on in place of the real thing: venues of the same names, and their orders. */
  readonly shadow: {
    readonly venues: readonly KillVenue[];
    readonly orders: KillOrders;
    readonly controls?: KillControls;
    readonly flatten?: FlattenOptions;
  };
}

/** A kill is latched. */
export interface KillActivation {
  readonly ok: true;
  /** The run that carries it out: the one there was, if the scope was latched already. */
  readonly run: number;
  readonly level: KillLevel;
  /** Whether this call began the run or raised its level. */
  readonly fresh: boolean;
  readonly persisted: boolean;
  readonly epoch: number;
}

/** A request to lift waits for its second person. */
export interface ReenablePending {
  readonly ok: true;
  /** The last moment at which it can be confirmed. @units ns from the session's base */
  readonly expiresNs: number;
}

/** A scope is lifted. */
export interface KillLifted {
  readonly ok: true;
  readonly epoch: number;
  /** The last report of the run. */
  readonly report: KillReport;
}

/** Throws `FAULT_INPUT` for a drill that names nobody, gives no reason, or would reach a real venue. */
export function checkDrill(request: DrillRequest, real: readonly KillVenue[]): void {
  checkAsker("drillRequest", request);
  checkWords("drillRequest.reason", request.reason);
  const shared = request.shadow.venues.find((venue) => real.includes(venue));
  if (shared !== undefined) throw wrong("drillRequest.shadow.venues", shared.name, "shadow venues only");
}

/** Throws `FAULT_INPUT` for a request to kill that says something impossible. */
export function checkKillRequest(request: KillRequest): void {
  checkAsker("killRequest", request);
  if (typeof request.reason !== "string") throw wrong("killRequest.reason", request.reason, "a string");
  if (!isKillLevel(request.level)) throw wrong("killRequest.level", request.level, "1, 2, 3 or 4");
}

/** Throws `FAULT_INPUT` for a request to lift, or its confirmation, without a name or a reason. */
export function checkReenable(path: string, request: ReenableRequest): void {
  checkAsker(path, request);
  checkWords(`${path}.reason`, request.reason);
  if (request.override !== undefined) checkWords(`${path}.override`, request.override);
}

function checkAsker(path: string, asker: { readonly who: string; readonly channel: KillChannel }): void {
  checkIdentifier("FAULT_INPUT", `${path}.who`, asker.who);
  if (KILL_CHANNELS.includes(asker.channel)) return;
  throw wrong(`${path}.channel`, asker.channel, `one of ${KILL_CHANNELS.join(", ")}`);
}

function checkWords(path: string, value: unknown): void {
  if (typeof value !== "string" || value.trim() === "") throw wrong(path, value, "a reason in words");
}

function wrong(path: string, value: unknown, expected: string): Fault {
  return new Fault("FAULT_INPUT", { path, value, expected });
}
