import type { Instrument } from "../model/index.ts";
import { type BinanceError, meaningOf, troubleOf, wordsOf } from "./binance-order-errors.ts";
import type {
  VenueOrderName,
  VenueOrderTerms,
  VenueOutcome,
  VenueReport,
  VenueReportKind,
  VenueTroubleCode,
} from "./venue-client.ts";

/** An answer of the websocket API, as far as it is read. */
export interface BinanceAnswer {
  readonly id?: unknown;
  readonly status?: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
}

/** A request that waits for its answer. */
export type BinanceRequest =
  | { readonly kind: "submit"; readonly terms: VenueOrderTerms }
  | { readonly kind: "cancel"; readonly order: VenueOrderName; readonly requestId: string }
  | { readonly kind: "replace"; readonly order: VenueOrderName; readonly terms: VenueOrderTerms };

/** What answers are read with. */
export interface AnswerParts {
  /** Epoch ns that times count from. */
  readonly baseNs: bigint;
  /** The venue's time now. @units ns from the base */
  readonly venueNowNs: () => number;
  readonly secrets: readonly string[];
}

const NS_PER_MS = 1_000_000n;
const ENDS: Readonly<Record<string, VenueReportKind>> = {
  CANCELED: "canceled",
  EXPIRED: "expired",
  EXPIRED_IN_MATCH: "expired",
  REJECTED: "rejected",
};
const NO_KINDS = { submit: "rejected", cancel: "cancelRejected", replace: "replaceRejected" } as const;

type Row = Readonly<Record<string, unknown>>;

/**
 * Reads answers: what is not proven is `unknown`. Executions in an answer are left to the account's stream, which tells
 * them with the same numbers.
 */
export class BinanceOrderAnswers {
  readonly #parts: AnswerParts;
  /** Whether the keys were good before: what is refused then is a permission. */
  hasProven = false;

  constructor(parts: AnswerParts) {
    this.#parts = parts;
  }

  /** What became of a request. */
  outcome(request: BinanceRequest, answer: BinanceAnswer): VenueOutcome {
    const { status } = answer;
    if (status === 200) {
      this.hasProven = true;
      return this.#done(request, rowOf(answer.result)) ?? this.#unknown("an answer about something else");
    }
    if (typeof status !== "number" || typeof answer.error !== "object" || answer.error === null) {
      return this.#unknown("an answer without a status, or without an error");
    }
    return this.#refused(request, status, answer.error);
  }

  #refused(request: BinanceRequest, status: number, error: BinanceError): VenueOutcome {
    const { secrets } = this.#parts;
    const meaning = meaningOf(status, error, this.hasProven);
    if (meaning.proof === "refused" || (request.kind === "replace" && isNeither(error))) {
      const report = this.#report(request, NO_KINDS[request.kind]);
      return { outcome: "answered", reports: [{ ...report, words: wordsOf(error, secrets) }] };
    }
    const outcome = meaning.proof === "unknown" ? "unknown" : "notSent";
    return { outcome, cause: troubleOf(meaning, error, secrets) };
  }

  #done(request: BinanceRequest, row: Row): VenueOutcome | undefined {
    switch (request.kind) {
      case "submit":
        return this.#placed(request, row, request.terms.clientOrderId, "accepted");
      case "replace":
        return this.#placed(request, rowOf(row["newOrderResponse"]), request.terms.clientOrderId, "replaced");
      default:
        return this.#canceled(request, row);
    }
  }

  #placed(
    request: BinanceRequest,
    row: Row,
    clientOrderId: string,
    kind: "accepted" | "replaced",
  ): VenueOutcome | undefined {
    const orderId = idOf(row["orderId"]);
    if (orderId === undefined || row["clientOrderId"] !== clientOrderId) return undefined;
    const first: VenueReport = { ...this.#report(request, kind), orderId, venueNs: this.#timeOf(row) };
    const end = ENDS[String(row["status"])];
    if (end === undefined) return { outcome: "answered", reports: [first] };
    // The end is the new order's own: it names no other.
    const { originalClientOrderId: _, ...own } = first;
    return { outcome: "answered", reports: [first, { ...own, kind: end, leavesLots: 0 }] };
  }

  #canceled(request: BinanceRequest & { readonly kind: "cancel" }, row: Row): VenueOutcome | undefined {
    const { order } = request;
    const orderId = idOf(row["orderId"]);
    const isIt =
      order.clientOrderId === ""
        ? orderId === order.orderId
        : row["origClientOrderId"] === order.clientOrderId;
    if (orderId === undefined || !isIt) return undefined;
    const report: VenueReport = {
      ...{ kind: "canceled", instrument: order.instrument.key, clientOrderId: order.clientOrderId, orderId },
      ...{ venueNs: this.#timeOf(row), leavesLots: 0 },
    };
    return { outcome: "answered", reports: [report] };
  }

  #report(request: BinanceRequest, kind: VenueReportKind): VenueReport {
    const venueNs = this.#parts.venueNowNs();
    const at = (instrument: Instrument): { readonly kind: VenueReportKind; readonly instrument: string } => ({
      ...{ kind, instrument: instrument.key },
    });
    if (request.kind === "submit") {
      const { instrument, clientOrderId } = request.terms;
      return { ...at(instrument), clientOrderId, venueNs };
    }
    const { order } = request;
    const asked = request.kind === "cancel" ? request.requestId : request.terms.clientOrderId;
    return {
      ...at(order.instrument),
      clientOrderId: asked || order.clientOrderId,
      originalClientOrderId: order.clientOrderId,
      venueNs,
    };
  }

  #timeOf(row: Row): number {
    const ms = row["transactTime"];
    if (typeof ms !== "number" || !Number.isSafeInteger(ms)) return this.#parts.venueNowNs();
    return Number(BigInt(ms) * NS_PER_MS - this.#parts.baseNs);
  }

  #unknown(words: string): VenueOutcome {
    return unknown("VENUE_MALFORMED", words);
  }
}

/** An outcome that nobody knows. */
export function unknown(code: VenueTroubleCode, words: string): VenueOutcome {
  return { outcome: "unknown", cause: { code, words } };
}

/** Whether of a cancel and a new order neither was done, by the venue's word. */
function isNeither({ code, data }: BinanceError): boolean {
  return code === -2022 && rowOf(data)["newOrderResult"] === "NOT_ATTEMPTED";
}

function rowOf(value: unknown): Row {
  return typeof value === "object" && value !== null ? (value as Row) : {};
}

/** The venue's id of an order, as text. */
function idOf(value: unknown): string | undefined {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}
