import { minorOf, unitOf } from "./cash-rows.ts";
import { type ConformanceRun, isIn } from "./conformance-run.ts";
import type { VenueOutcome } from "./venue-client.ts";

type Check = (run: ConformanceRun) => Promise<void>;

/** Every check of a client, by what must hold. */
export const CONFORMANCE_CHECKS: Readonly<Record<string, Check>> = {
  "says what it can do": async (run) => {
    const { types, timesInForce, clientOrderIds, rateLimits } = run.can;
    run.holds("limit orders", types.includes("limit"), types);
    run.holds("a time in force", timesInForce.length > 0, timesInForce);
    run.holds("ids of at least 16 characters", clientOrderIds.lengthMax >= 16, clientOrderIds);
    run.holds(
      "ids of digits at least",
      new RegExp(`^(?:${clientOrderIds.characters})$`).test("7"),
      clientOrderIds,
    );
    run.holds(
      "budgets above 0",
      rateLimits.every(({ weight, perNs }) => weight > 0 && perNs > 0),
      rateLimits,
    );
  },
  "says what its key may do, and does not deny what it does": async (run) => {
    await run.rest();
    const said = await run.request(run.venue.client.permissions());
    const { canTrade, canWithdraw, isIpRestricted, accountTypes } = said;
    const words = [canTrade, canWithdraw, isIpRestricted];
    run.holds(
      "true, false, or null",
      words.every((each) => each === null || typeof each === "boolean"),
      said,
    );
    run.holds("a key that has traded may trade", canTrade !== false, said);
    const isList = accountTypes === null || accountTypes.every((each) => typeof each === "string" && each);
    run.holds("names of account types, or null", isList, said);
  },
  "says what orders have to be like, and takes what is so": async (run) => {
    const { client, instrument, restTicks, lots } = run.venue;
    const said = await run.request(client.filters(instrument));
    const { tickSize, lotSize, minQuantity, maxQuantity, minNotional, maxNotional } = said;
    const numbers = [tickSize, lotSize, minQuantity, maxQuantity, minNotional, maxNotional];
    const isText = (each: string | null): boolean => each === null || /^\d+(\.\d+)?$/.test(each);
    run.holds("decimal texts, or null", numbers.every(isText), said);
    const { maxOpenOrders, isTrading } = said;
    const isCount = maxOpenOrders === null || (Number.isSafeInteger(maxOpenOrders) && maxOpenOrders > 0);
    run.holds("a number of open orders above 0, or null", isCount, said);
    run.holds("true, false, or null", isTrading === null || typeof isTrading === "boolean", said);
    await run.rest();
    const worth = instrument.priceToNumber(restTicks[0]) * instrument.quantityToNumber(lots);
    run.holds(
      "no denial of an order that rests",
      isTrading !== false && Number(minNotional ?? 0) <= worth,
      said,
    );
    const most = Number(maxQuantity ?? Number.POSITIVE_INFINITY);
    const quantity = instrument.quantityToNumber(lots);
    run.holds("its quantity within them", Number(minQuantity ?? 0) <= quantity && quantity <= most, said);
  },
  "a new order rests with its exact terms": async (run) => {
    const { instrument, restTicks, lots } = run.venue;
    const name = await run.rest();
    const [order, ...others] = await run.openOrders();
    run.holds("one open order", order !== undefined && others.length === 0, others.length + 1);
    run.holds("under its id", order?.clientOrderId === name, order);
    run.holds("in its instrument", order?.instrument === instrument.key, order);
    run.holds("at its price", order?.priceTicks === restTicks[0], order);
    run.holds("of its quantity", order?.lots === lots && order.cumLots === 0, order);
    run.holds("on its side", order?.side === "buy" && order.state === "open", order);
  },
  "an order is found by its id": async (run) => {
    const name = await run.rest();
    const order = await run.queryOrder(name);
    run.holds("the order", order?.clientOrderId === name && order.state === "open", order);
    run.holds("the venue's id of it", (order?.orderId ?? "") !== "", order);
  },
  "an order nobody sent is not found": async (run) => {
    const order = await run.queryOrder(run.name());
    run.holds("null, and no fault", order === null, order);
  },
  "the longest id is taken": async (run) => {
    const name = run.name();
    const longest = name + "1".repeat(run.can.clientOrderIds.lengthMax - name.length);
    await run.request(run.venue.client.submit(run.terms(longest)));
    await run.until("the stream tells of it", () => run.heard("accepted", longest));
    run.holds("it is found", (await run.queryOrder(longest))?.clientOrderId === longest, longest);
  },
  "a cancel ends the order": async (run) => {
    const name = await run.rest();
    const outcome = await run.cancel(name);
    run.holds(
      "an answer that is no rejection",
      outcome.outcome === "answered" && !isIn(outcome, ["cancelRejected"]),
      outcome,
    );
    await run.until("the stream tells of the end", () => run.heard("canceled", name));
    run.holds("no open order", (await run.openOrders()).length === 0);
    const order = await run.queryOrder(name);
    run.holds("canceled when asked for", order?.state === "canceled", order);
  },
  "a cancel of nothing is rejected by a report": async (run) => {
    const outcome = await run.cancel(run.name());
    run.holds("a report cancelRejected", isIn(outcome, ["cancelRejected"]), outcome);
  },
  "an id is taken once": async (run) => {
    if (run.can.clientOrderIds.uniqueAmong === "none") return;
    const name = await run.rest();
    const outcome = await run.request(run.venue.client.submit(run.terms(name)));
    run.holds("no second acceptance", !isIn(outcome, ["accepted"]), outcome);
    run.holds("one open order", (await run.openOrders()).length === 1);
  },
  "a replace leaves one order with the new terms": async (run) => {
    const { client, instrument, restTicks, lots } = run.venue;
    if (run.can.replace === "none") return;
    const name = await run.rest();
    const next = run.name();
    const terms = run.terms(next, { priceTicks: restTicks[1], lots: lots - 1 });
    const outcome = await run.request(client.replace({ instrument, clientOrderId: name }, terms));
    run.holds(
      "an answer that is no rejection",
      outcome.outcome === "answered" && !isIn(outcome, ["replaceRejected"]),
      outcome,
    );
    await run.until(
      "the stream tells of it",
      () => run.heard("replaced", next) || run.heard("accepted", next),
    );
    const [order, ...others] = await run.openOrders();
    run.holds("one open order", order !== undefined && others.length === 0, others.length + 1);
    run.holds("its new id", order?.clientOrderId === next, order);
    run.holds("its new terms", order?.priceTicks === restTicks[1] && order.lots === lots - 1, order);
  },
  "a replace of nothing is rejected by a report": async (run) => {
    const { client, instrument } = run.venue;
    if (run.can.replace === "none") return;
    const name = { instrument, clientOrderId: run.name() };
    const outcome = await settled(run, client.replace(name, run.terms(run.name())));
    const isNo =
      isIn(outcome, ["replaceRejected"]) || outcome.outcome === "notSent" || outcome.outcome === "unknown";
    run.holds("no acceptance", isNo, outcome);
    run.holds("no open order", (await run.openOrders()).length === 0);
  },
  "executions are told once, exactly": async (run) => {
    const { restTicks, lots } = run.venue;
    const name = await run.rest();
    await run.venue.fill(restTicks[0], 1);
    await run.until("the stream tells of a part", () => run.trades(name).length > 0);
    await run.venue.fill(restTicks[0], lots - 1);
    const sum = (): number => run.trades(name).reduce((all, each) => all + (each.lots ?? 0), 0);
    await run.until("the stream tells of the rest", () => sum() >= lots);
    const trades = run.trades(name);
    const ids = new Set(trades.map(({ execId }) => execId));
    run.holds("an id of its own for each", ids.size === trades.length && !ids.has(undefined), [...ids]);
    run.holds("the whole quantity and no more", sum() === lots, sum());
    run.holds(
      "at the order's price",
      trades.every(({ priceTicks }) => priceTicks === restTicks[0]),
      trades,
    );
    const fills = await run.fills();
    run.holds(
      "the same ids when asked for",
      fills.length === ids.size && fills.every(({ execId }) => ids.has(execId)),
      fills,
    );
    const total = fills.reduce((all, fill) => all + fill.lots, 0);
    run.holds("the same quantity when asked for", total === lots, total);
    run.holds("the position", (await run.lots()) === lots, await run.lots());
    const order = await run.queryOrder(name);
    run.holds("a filled order", order?.state === "filled" && order.cumLots === lots, order);
  },
  "an execution costs the same, told and asked for": async (run) => {
    const { instrument, restTicks, lots } = run.venue;
    const name = await run.rest();
    await run.venue.fill(restTicks[0], lots);
    await run.until("the stream tells of it", () => run.trades(name).length > 0);
    const fills = new Map((await run.fills()).map((each) => [each.execId, each]));
    for (const { fee, execId } of run.trades(name)) {
      if (fee === undefined) continue;
      const row = fills.get(execId ?? "")?.fee;
      run.holds("a currency", fee.currency !== "" && row?.currency === fee.currency, { fee, row });
      const minor = minorOf(fee.amount, unitOf(instrument, fee.currency).decimals);
      run.holds("a decimal amount of it, the same", BigInt(row?.minor ?? 0n) === minor, { fee, row });
    }
  },
  "an order that is partly executed says so": async (run) => {
    const { restTicks, lots } = run.venue;
    const name = await run.rest();
    await run.venue.fill(restTicks[0], 1);
    await run.until("the stream tells of it", () => run.trades(name).length > 0);
    const [order] = await run.openOrders();
    run.holds(
      "1 lot executed of all",
      order?.cumLots === 1 && order.lots === lots && order.state === "open",
      order,
    );
  },
  "a market order takes": async (run) => {
    if (!run.can.types.includes("market")) return;
    const name = run.name();
    const terms = run.terms(name, { type: "market", timeInForce: "IOC", priceTicks: 0 });
    await run.request(run.venue.client.submit(terms));
    await run.until("executions", () => run.trades(name).length > 0);
    run.holds("no open order", (await run.openOrders()).length === 0);
  },
  "a post-only order that would take does not": async (run) => {
    if (!run.can.postOnly) return;
    const name = run.name();
    const terms = run.terms(name, { postOnly: true, priceTicks: run.venue.takeTicks });
    const outcome = await run.request(run.venue.client.submit(terms));
    run.holds("a rejection or an end", !isIn(outcome, ["trade"]), outcome);
    run.holds("no execution", (await run.fills()).length === 0);
    run.holds("no open order", (await run.openOrders()).length === 0);
  },
  "a mass cancel leaves nothing open": async (run) => {
    if (run.can.massCancel === "none") return;
    await run.rest();
    await run.rest({ priceTicks: run.venue.restTicks[1] });
    const target = run.can.massCancel === "account" ? null : run.venue.instrument;
    const outcome = await run.request(run.venue.client.cancelAll(target));
    run.holds("an answer", outcome.outcome === "answered", outcome);
    run.holds("no open order", (await run.openOrders()).length === 0);
  },
  "a snapshot holds what was asked for, of its account, as of a time": async (run) => {
    const { client, instrument } = run.venue;
    await run.rest();
    const first = await run.request(client.query({ sections: ["orders"], instruments: [instrument] }));
    run.holds("its account", first.venue === client.venue && first.account === client.account, first);
    run.holds(
      "no other section",
      first.fills === undefined && first.positions === undefined && first.cash === undefined,
      first,
    );
    const isOlder = (first.orders ?? []).every(
      ({ updatedNs }) => (updatedNs ?? first.asOfNs) <= first.asOfNs,
    );
    run.holds("no row younger than the whole", isOlder && Number.isSafeInteger(first.asOfNs), first);
    const second = await run.request(
      client.query({ sections: ["fills", "positions", "cash"], instruments: [instrument] }),
    );
    run.holds("a time that does not fall", second.asOfNs >= first.asOfNs, second.asOfNs - first.asOfNs);
    const isWhole = second.fills !== undefined && second.positions !== undefined && second.cash !== undefined;
    run.holds("every section", isWhole && second.orders === undefined, second);
  },
  "an answer that is lost is unknown, and nothing is sent twice": async (run) => {
    const { venue } = run;
    if (venue.loseAnswer === undefined) return;
    const name = run.name();
    venue.loseAnswer();
    const outcome = await settled(run, venue.client.submit(run.terms(name)));
    run.holds("unknown", outcome.outcome === "unknown", outcome);
    await reconnected(run);
    run.holds("the order is there", (await run.queryOrder(name))?.state === "open");
    const times = venue.arrivals?.(name) ?? 1;
    run.holds("it arrived once", times === 1, times);
  },
  "a request that is lost is never told as accepted or rejected": async (run) => {
    const { venue } = run;
    if (venue.loseRequest === undefined) return;
    const name = run.name();
    venue.loseRequest();
    const outcome = await settled(run, venue.client.submit(run.terms(name)));
    run.holds("unknown or not sent", outcome.outcome !== "answered", outcome);
    await reconnected(run);
    run.holds("nobody knows the order", (await run.queryOrder(name)) === null);
    const times = venue.arrivals?.(name) ?? 0;
    run.holds("it never arrived", times === 0, times);
  },
  "a stream that is cut is told, and comes back": async (run) => {
    const { venue } = run;
    if (venue.cut === undefined) return;
    const before = run.connections;
    venue.cut();
    await run.until("disconnected", () => run.cuts > 0);
    await run.until("connected again", () => run.connections > before);
    const name = await run.rest();
    run.holds("it is heard again", run.heard("accepted", name));
  },
  "a client that is closed sends nothing and says nothing": async (run) => {
    const { client, restTicks } = run.venue;
    const name = await run.rest();
    await client.close();
    const heard = run.reports.length;
    const outcome = await settled(run, client.submit(run.terms(run.name())));
    run.holds("not sent", outcome.outcome === "notSent", outcome);
    await run.venue.fill(restTicks[0], 1);
    await run.venue.until(() => run.reports.length > heard);
    run.holds(`no report about ${name}`, run.reports.length === heard, run.reports.length - heard);
  },
};

/** An outcome; a promise that is rejected is no outcome. */
async function settled(run: ConformanceRun, promise: Promise<VenueOutcome>): Promise<VenueOutcome> {
  try {
    return await run.request(promise);
  } catch (cause) {
    run.holds("an outcome, and no rejected promise", false, cause instanceof Error ? cause.message : cause);
    throw cause;
  }
}

/** Waits until the stream is there, where the fault has cut it. */
async function reconnected(run: ConformanceRun): Promise<void> {
  await run.until("the stream is there", () => run.connections > run.cuts);
}
