import type { IncomingMessage } from "node:http";
import { checkKeys, Fault } from "../base/index.ts";
import type { ExchangeFaults } from "./exchange-faults.ts";
import type { AccountTruth } from "./exchange-truth.ts";
import type { FaultRule } from "./fault-rules.ts";

/** What the control endpoint reaches. */
export interface ControlReach {
  readonly faults: ExchangeFaults;
  truth(account: string): AccountTruth;
  conservation(): string[];
}

/** Where the control endpoint's paths begin. */
export const CONTROL = "/control/";

type Body = Readonly<Record<string, unknown>>;

/** What a control request is answered: a status, and what becomes JSON. */
export interface ControlAnswer {
  readonly status: number;
  readonly body: unknown;
}

/**
 * Answers a request to the control endpoint: faults and strokes on command, and the truth. It has no key: it is off
 * unless asked for, on loopback only, and takes JSON only, which no web page may send here unasked.
 */
export function answerControl(reach: ControlReach, request: IncomingMessage, text: string): ControlAnswer {
  const url = new URL(request.url ?? "/", "http://127.0.0.1");
  const path = `${request.method} ${url.pathname.slice(CONTROL.length)}`;
  const type = request.headers["content-type"] ?? "";
  if (request.method !== "GET" && !type.startsWith("application/json")) {
    return { status: 415, body: { error: "content-type: application/json" } };
  }
  try {
    const body: unknown = text === "" ? {} : JSON.parse(text);
    if (!isBody(body)) return { status: 400, body: { error: "a JSON object" } };
    return { status: 200, body: perform(reach, path, body, url.searchParams) };
  } catch (error) {
    if (error instanceof Fault || error instanceof SyntaxError)
      return { status: 400, body: { error: error.message } };
    throw error;
  }
}

function isBody(value: unknown): value is Body {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function perform(reach: ControlReach, path: string, body: Body, query: URLSearchParams): unknown {
  const { faults } = reach;
  switch (path) {
    case "GET faults":
      return faults.rules;
    case "POST faults":
      return faults.add(ruleOf(body));
    case "DELETE faults":
      faults.clear();
      return {};
    case "POST maintenance":
      checkKeys("control", body, ["on"]);
      faults.setMaintenance(body["on"] as boolean);
      return {};
    case "POST clock":
      checkKeys("control", body, ["offsetMs"]);
      faults.setClockOffset(body["offsetMs"] as number);
      return {};
    case "POST listenKeys/lose":
      faults.loseListenKeys();
      return {};
    case "POST streams/drop":
      faults.dropStreams();
      return {};
    case "POST streams/freeze":
      faults.freezeStreams();
      return {};
    case "POST restart":
      faults.restart(body as { keepOrders: boolean; downMs?: number });
      return {};
    case "GET truth":
      return reach.truth(query.get("account") ?? "");
    case "GET conservation":
      return reach.conservation();
    default:
      throw new Fault("FAULT_INPUT", {
        path: "control",
        value: path,
        expected: "a path of the control endpoint",
      });
  }
}

/** A rule as JSON has it: no number is endless there, so `"always"` stands for that count. */
function ruleOf(body: Body): FaultRule {
  const count = body["count"] === "always" ? { count: Number.POSITIVE_INFINITY } : {};
  return { ...body, ...count } as FaultRule;
}
