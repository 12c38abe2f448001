import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isRefusal } from "../../src/base/index.ts";
import { ClientOrderIds } from "../../src/order/index.ts";

const ROWS = 4;
const CAPACITY = 12;

interface Entry {
  readonly text: string;
  readonly row: number;
  readonly requestId: number;
  answer: "none" | "accepted" | "rejected";
}

/** Lists of chains, looked through from end to end. */
class IdsOracle {
  chains: Entry[][] = [];
  live: (Entry[] | undefined)[] = [];

  get all(): Entry[] {
    return this.chains.flat();
  }

  add(text: string, row: number, requestId: number | undefined): string {
    const chain = this.live[row];
    if (requestId === undefined && row >= ROWS) return "ORDER_ID_CHAIN";
    if (requestId !== undefined && chain === undefined) return "ORDER_ID_CHAIN";
    if (requestId !== undefined && requestId <= (chain?.at(-1)?.requestId ?? 0)) return "ORDER_ID_CHAIN";
    if (text === "") return "ORDER_ID_MALFORMED";
    if (this.all.some((entry) => entry.text === text)) return "ORDER_ID_TAKEN";
    if (this.all.length === CAPACITY) return "ORDER_IDS_FULL";
    const entry: Entry = { text, row, requestId: requestId ?? 0, answer: "none" };
    if (requestId === undefined) {
      this.live[row] = [entry];
      this.chains.push(this.live[row] as Entry[]);
    } else chain?.push(entry);
    return "ok";
  }

  last(row: number, wanted: (entry: Entry) => boolean): string | undefined {
    const chain = this.live[row];
    return (chain?.findLast(wanted) ?? chain?.[0])?.text;
  }

  forget(): void {
    this.chains = this.chains.filter((chain) => this.live.includes(chain));
  }
}

const text = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 1, max: 30 }).map(String) },
  fc.constant(""),
);
const row = fc.integer({ min: 0, max: ROWS });
const command = fc.oneof(
  { weight: 3, arbitrary: fc.record({ op: fc.constant("open" as const), text, row }) },
  {
    weight: 5,
    arbitrary: fc.record({
      op: fc.constant("request" as const),
      text,
      row,
      requestId: fc.integer({ min: 0, max: 9 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ op: fc.constant("answer" as const), text, accepted: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant("finish" as const), row }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant("forget" as const) }) },
);

describe("client order ids", () => {
  it("equal lists of chains after every command", () => {
    fc.assert(
      fc.property(fc.array(command, { minLength: 10, maxLength: 60 }), (commands) => {
        const ids = new ClientOrderIds({ rows: ROWS, capacity: CAPACITY });
        const oracle = new IdsOracle();
        for (const each of commands) {
          if (each.op === "open" || each.op === "request") {
            const requestId = each.op === "open" ? undefined : each.requestId;
            const got =
              requestId === undefined
                ? ids.open(each.text, each.row)
                : ids.request(each.text, each.row, requestId);
            expect(isRefusal(got) ? got.code : "ok").toBe(oracle.add(each.text, each.row, requestId));
            if (!isRefusal(got)) expect([got < CAPACITY, ids.find(each.text)]).toEqual([true, got]);
          } else if (each.op === "answer") {
            const entry = oracle.all.find((one) => one.text === each.text);
            expect(ids.answer(each.text, each.accepted)).toBe(ids.find(each.text));
            if (entry !== undefined) entry.answer = each.accepted ? "accepted" : "rejected";
          } else if (each.op === "finish") {
            ids.finish(each.row);
            oracle.live[each.row] = undefined;
          } else {
            ids.forgetFinished();
            oracle.forget();
          }
          compare(ids, oracle);
        }
      }),
      { numRuns: 250 },
    );
  });
});

/** Everything the class can be asked, in one comparison. */
function compare(ids: ClientOrderIds, oracle: IdsOracle): void {
  const texts = Array.from({ length: 30 }, (_, i) => String(i + 1));
  const rows = Array.from({ length: ROWS + 1 }, (_, at) => at);
  const requests = Array.from({ length: 10 }, (_, requestId) => requestId);
  const answers = ["none", "accepted", "rejected"];
  const found = texts.map((each) => ids.find(each)).filter((id) => id >= 0);
  expect({
    size: ids.size,
    dense: new Set(found).size,
    entries: found.map((id) => [
      ids.textOf(id),
      ids.rowOf(id),
      ids.requestIdOf(id),
      answers[ids.answerOf(id)],
    ]),
    chains: rows.map((at) => [ids.chain(at), ids.lastSent(at), ids.lastAccepted(at)]),
    requests: rows.map((at) => requests.map((requestId) => ids.textOfRequest(at, requestId))),
  }).toEqual({
    size: oracle.all.length,
    dense: oracle.all.length,
    entries: texts
      .map((each) => oracle.all.find((entry) => entry.text === each))
      .flatMap((entry) => (entry ? [[entry.text, entry.row, entry.requestId, entry.answer]] : [])),
    chains: rows.map((at) => [
      (oracle.live[at] ?? []).map((entry) => entry.text),
      oracle.last(at, (entry) => entry.answer !== "rejected"),
      oracle.last(at, (entry) => entry.answer === "accepted"),
    ]),
    requests: rows.map((at) =>
      requests.map((requestId) => oracle.live[at]?.find((entry) => entry.requestId === requestId)?.text),
    ),
  });
}
