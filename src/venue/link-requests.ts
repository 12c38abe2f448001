import type { LinkOrder, LinkRequest } from "./link-orders.ts";
import type { LinkReports } from "./link-reports.ts";
import type { RequestBudget } from "./request-budget.ts";
import type { VenueOutcome, VenueTrouble } from "./venue-client.ts";
import type { VenueLinkHost, VenueLinkPlan } from "./venue-link-options.ts";

/** What requests are made with. */
export interface LinkRequestParts {
  readonly plan: VenueLinkPlan;
  readonly host: () => VenueLinkHost;
  readonly reports: () => LinkReports;
  readonly budget: () => RequestBudget;
  /** Runs what tells the host: at once, or when a door's call has returned. */
  readonly tell: (work: () => void) => void;
}

/** What was asked, by what became of it. */
export interface RequestCounts {
  readonly sent: number;
  readonly notSent: number;
  /** Requests of which nobody knew at one time what became of them. */
  readonly unknown: number;
  readonly cancelsDropped: number;
}

interface WaitingCancel {
  readonly order: LinkOrder;
  readonly requestId: number;
  readonly go: () => Promise<VenueOutcome>;
}

/**
 * Requests on their way: each is sent once, has an outcome or is unknown after a time, and is never sent again.
 *
 * @invariant Cancels leave in the order in which they came; at most `cancelsQueued` wait for a budget.
 */
export class LinkRequests {
  readonly #parts: LinkRequestParts;
  readonly #cancels: WaitingCancel[] = [];
  readonly #counts = { sent: 0, notSent: 0, unknown: 0, cancelsDropped: 0 };
  #stopWaiting: (() => void) | undefined = undefined;
  #inFlight = 0;

  constructor(parts: LinkRequestParts) {
    this.#parts = parts;
  }

  get counts(): RequestCounts {
    return { ...this.#counts };
  }

  /** Orders and replaces without an answer. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Cancels that wait for a budget. */
  get queued(): number {
    return this.#cancels.length;
  }

  /** Sends an order or a replace now. */
  send(
    order: LinkOrder,
    requestId: number,
    kind: "submit" | "replace",
    go: () => Promise<VenueOutcome>,
  ): void {
    this.#send(order, requestId, kind, go);
  }

  /** Sends a cancel now, or as soon as a budget lets it. */
  cancel(order: LinkOrder, requestId: number, go: () => Promise<VenueOutcome>): void {
    const { plan, budget } = this.#parts;
    order.requests.set(requestId, { kind: "cancel", isUnknown: false });
    if (this.#cancels.length === 0 && budget().take("cancel", plan.clock.nowNs())) {
      this.#send(order, requestId, "cancel", go);
    } else if (this.#cancels.length < plan.cancelsQueued) {
      this.#cancels.push({ order, requestId, go });
      this.#wait();
    } else {
      this.#counts.cancelsDropped += 1;
      this.refuse(order, requestId, "cancel", {
        code: "VENUE_RATE_LIMITED",
        words: `${plan.cancelsQueued} cancels wait for the venue's budget`,
      });
    }
  }

  /** Says that a request did not leave. */
  refuse(order: LinkOrder, requestId: number, kind: LinkRequest["kind"], cause: VenueTrouble): void {
    this.#counts.notSent += 1;
    const { host, reports, tell } = this.#parts;
    tell(() => {
      order.requests.delete(requestId);
      host().refused(order.station, order.id, requestId, cause);
      reports().notSent(order, requestId, kind);
    });
  }

  /** The venue spoke of a request. */
  answered(order: LinkOrder, requestId: number): void {
    order.requests.delete(requestId);
  }

  /** Nothing more leaves. */
  close(): void {
    this.#stopWaiting?.();
    this.#stopWaiting = undefined;
    const cause = { code: "VENUE_DISCONNECTED", words: "the link was closed" } as const;
    for (const { order, requestId } of this.#cancels.splice(0))
      this.refuse(order, requestId, "cancel", cause);
  }

  #send(
    order: LinkOrder,
    requestId: number,
    kind: LinkRequest["kind"],
    go: () => Promise<VenueOutcome>,
  ): void {
    const { clock, requestTimeoutNs } = this.#parts.plan;
    const request: LinkRequest = order.requests.get(requestId) ?? { kind, isUnknown: false };
    order.requests.set(requestId, request);
    this.#counts.sent += 1;
    const counts = kind === "cancel" ? 0 : 1;
    this.#inFlight += counts;
    let isFree = false;
    const free = (): void => {
      if (!isFree) this.#inFlight -= counts;
      isFree = true;
    };
    const takeBack = clock.after(requestTimeoutNs, () => {
      free();
      const words = `no answer within ${requestTimeoutNs} ns`;
      this.#unknown(order, requestId, request, { code: "VENUE_TIMEOUT", words });
    });
    const settled = (outcome: VenueOutcome): void => {
      takeBack();
      free();
      this.#settle(order, requestId, request, outcome);
    };
    attempt(go).then(settled, (cause: unknown) => {
      const words = cause instanceof Error ? cause.name : "the client threw";
      settled({ outcome: "unknown", cause: { code: "VENUE_SERVER", words } });
    });
  }

  #settle(order: LinkOrder, requestId: number, request: LinkRequest, outcome: VenueOutcome): void {
    const { plan, budget, tell, reports } = this.#parts;
    if (outcome.outcome === "answered") {
      tell(() => {
        for (const report of outcome.reports) reports().hear(report);
      });
      return;
    }
    const { cause } = outcome;
    if (cause.code === "VENUE_RATE_LIMITED" || cause.code === "VENUE_BANNED") {
      budget().pauseUntil(plan.clock.nowNs() + (cause.retryNs ?? 1_000_000_000));
    }
    if (outcome.outcome === "unknown") this.#unknown(order, requestId, request, cause);
    // The stream may have told of it though the client is certain that it did not leave: then the stream counts.
    else if (order.requests.get(requestId) === request) this.refuse(order, requestId, request.kind, cause);
  }

  #unknown(order: LinkOrder, requestId: number, request: LinkRequest, cause: VenueTrouble): void {
    const { host, reports, tell } = this.#parts;
    if (request.isUnknown || order.requests.get(requestId) !== request) return;
    request.isUnknown = true;
    this.#counts.unknown += 1;
    tell(() => {
      host().trouble(cause);
      reports().timedOut(order, requestId);
      host().doubtful(order.station, `nobody knows what became of request ${requestId} of order ${order.id}`);
    });
  }

  #wait(): void {
    if (this.#stopWaiting !== undefined) return;
    const { plan, budget } = this.#parts;
    const now = plan.clock.nowNs();
    const delay = Math.max(1, budget().nextNs("cancel", now) - now);
    this.#stopWaiting = plan.clock.after(delay, () => {
      this.#stopWaiting = undefined;
      while (this.#cancels.length > 0 && budget().take("cancel", plan.clock.nowNs())) {
        const { order, requestId, go } = this.#cancels.shift() as WaitingCancel;
        this.#send(order, requestId, "cancel", go);
      }
      if (this.#cancels.length > 0) this.#wait();
    });
  }
}

/** What a client answers; a client that throws instead of answering is one that answers so. */
async function attempt(go: () => Promise<VenueOutcome>): Promise<VenueOutcome> {
  return go();
}
