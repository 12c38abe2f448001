import { describe, expect, it } from "vitest";
import { readArchive } from "../fixtures/audit-archive.ts";
import { FeatureDesk, type FeatureScenario, readFeature } from "../fixtures/matching-features.ts";
import { runScript } from "../fixtures/matching-scripts.ts";

const scripts = readArchive("matching/cpptrader-scenarios.tar.gz");
const features = readArchive("matching/exchange-core-features.tar.gz");

/** What the comments of each script say comes of it: trades by price, and what is left. */
const ENDS: Readonly<
  Record<string, readonly [trades: [number, number][], orders: [string, number, number][]]>
> = {
  "01": [[], []],
  "02": [[], []],
  "03": [[], []],
  "04": [[[10, 10]], []],
  "05": [[[10, 10]], []],
  "06": [
    [40, 40, 40, 50, 50].map((price, i) => [price, [30, 20, 10, 30, 10][i] as number]),
    [
      ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((id): [string, number, number] => [
        ...([String(id), Math.ceil(id / 3) * 10, (((id - 1) % 3) + 1) * 10] as const),
      ]),
      ["10", 60, 30],
      ["11", 60, 20],
      ["12", 60, 10],
      ["14", 50, 10],
      ["15", 50, 10],
    ],
  ],
  "07": [
    [30, 30, 30, 20, 20, 20].map((price, i) => [price, [10, 20, 30][i % 3] as number]),
    [
      ...([10, 20, 30].map((lots, i) => [String(i + 1), 10, lots]) as [string, number, number][]),
      ...([60, 60, 60, 50, 50, 50, 40, 40, 40].map((price, i) => [
        ...[String(i + 10), price, [30, 20, 10][i % 3]],
      ]) as [string, number, number][]),
    ],
  ],
  "08": [
    [
      [10, 20],
      [10, 5],
      [10, 5],
      [10, 15],
    ],
    [],
  ],
  "09": [
    [
      [30, 30],
      [20, 20],
      [10, 10],
    ],
    [],
  ],
  "10": [
    [
      [30, 30],
      [20, 10],
    ],
    [
      ["1", 10, 10],
      ["2", 20, 10],
    ],
  ],
  "11": [
    [
      [30, 30],
      [20, 10],
      [20, 10],
      [10, 10],
    ],
    [],
  ],
  "12": [
    [
      [30, 30],
      [20, 10],
    ],
    [
      ["1", 10, 10],
      ["2", 20, 10],
      ["4", 30, 30],
    ],
  ],
  "13": [
    [[30, 10]],
    [
      ["1", 10, 10],
      ["2", 20, 20],
      ["3", 30, 20],
      ["4", 20, 100],
    ],
  ],
  "14": [[[10, 20]], []],
};

describe.skipIf(scripts.absent !== "")(`scripts of a matching engine ${scripts.absent}`, () => {
  const all = [...scripts.files].filter(([name]) => name.endsWith(".txt"));

  it("are all there", () => expect(all.length).toBe(Object.keys(ENDS).length));

  it.each(all)("%s", (name, text) => {
    const [trades, orders] = ENDS[/(\d\d)\.txt$/.exec(name)?.[1] ?? ""] ?? [];
    const end = runScript(text);
    const sums = (list: readonly (readonly [number, number])[]): unknown => {
      const byPrice = new Map<number, number>();
      for (const [price, lots] of list) byPrice.set(price, (byPrice.get(price) ?? 0) + lots);
      return [...byPrice];
    };
    // The pairs of the all-or-none orders are the engine's; what trades at which price is not.
    if (name.includes("08")) expect(sums(end.trades)).toEqual(sums(trades ?? []));
    else expect(end.trades).toEqual(trades);
    expect(end.orders.map(([id, ...rest]) => [id, ...rest]).sort(byId)).toEqual(
      [...(orders ?? [])].sort(byId),
    );
  });
});

function byId([left]: readonly unknown[], [right]: readonly unknown[]): number {
  return Number(left) - Number(right);
}

describe.skipIf(features.absent !== "")(`features of a matching engine ${features.absent}`, () => {
  const all = [...features.files]
    .filter(([name]) => name.endsWith(".feature"))
    .flatMap(([, text]) => readFeature(text));

  it("are all there", () => expect(all.length).toBe(5));

  it.each(all.map((each) => [each.name, each] as const))("%s", (_name, { steps }) => {
    const desk = new FeatureDesk();
    let done = 0;
    for (const { words, rows } of steps) {
      const step = STEPS.find(([pattern]) => pattern.test(words));
      if (step === undefined) throw new Error(`no step: ${words}`);
      step[1](desk, step[0].exec(words) as RegExpExecArray, rows);
      done++;
    }
    expect(done).toBe(steps.length);
  });
});

type Step = (
  desk: FeatureDesk,
  found: RegExpExecArray,
  rows: FeatureScenario["steps"][number]["rows"],
) => void;

const ORDER = String.raw`an (BID|ASK) order (\d+) at (\d+)@(\d+) \(type: (\w+), symbol: (\w+)(?:, reservePrice: (\d+))?\)`;

function place(
  desk: FeatureDesk,
  [, client = "", side, id, price, size, type, symbol = "", reserve = "0"]: string[],
) {
  const way = side === "BID" ? "buy" : "sell";
  desk.note(Number(id), way);
  const more = { symbol, reserve: Number(reserve), type: type as "GTC" | "IOC" };
  return desk.place(client, way, Number(id), Number(price), Number(size), more);
}

const STEPS: readonly (readonly [RegExp, Step])[] = [
  [
    /^New client (\w+) has a balance:$/,
    (desk, [, client = ""], rows) => {
      for (const [currency = "", amount] of rows) desk.add(client, currency, Number(amount));
    },
  ],
  [
    /^(\d+) (\w+) is added to the balance of a client (\w+)$/,
    (desk, [, n, coin = "", who = ""]) => desk.add(who, coin, Number(n)),
  ],
  [
    /^A balance of a client (\w+):$/,
    (desk, [, client = ""], rows) => {
      for (const [currency = "", amount] of rows) expect(desk.balance(client, currency)).toBe(Number(amount));
    },
  ],
  [
    new RegExp(`^A client (\\w+) places ${ORDER}$`),
    (desk, found) => expect(place(desk, found)).toBeUndefined(),
  ],
  [
    new RegExp(`^A client (\\w+) could not place ${ORDER} due to (\\w+)$`),
    (desk, found) => expect(place(desk, found)).toBe(found.at(-1)),
  ],
  [
    /^A client \w+ moves a price to (\d+) of the order (\d+)$/,
    (desk, [, price, id]) => expect(desk.move(Number(id), Number(price))).toBeUndefined(),
  ],
  [
    /^A client \w+ could not move a price to (\d+) of the order (\d+) due to (\w+)$/,
    (desk, [, price, id, why]) => expect(desk.move(Number(id), Number(price))).toBe(why),
  ],
  [
    /^A client \w+ cancels the remaining size (\d+) of the order (\d+)$/,
    (desk, [, size, id]) => expect(desk.cancel(Number(id))).toBe(Number(size)),
  ],
  [
    /^An (\w+) order book is:$/,
    (desk, [, symbol = ""], rows) => {
      const { bids, asks } = desk.book(symbol).depth();
      const told = [
        ...asks.toReversed().map(({ priceTicks, lots }) => ["", String(priceTicks), String(lots)]),
        ...bids.map(({ priceTicks, lots }) => [String(lots), String(priceTicks), ""]),
      ];
      expect(told).toEqual(rows.filter(([first]) => first !== "bid"));
    },
  ],
  [/^No trade events$/, (desk) => expect(desk.trades).toEqual([])],
  [
    /^The order (\d+) is (partially|fully) matched. LastPx: (\d+), LastQty: (\d+)/,
    (desk, [, id, how, ticks, lots]) => {
      const [trade, ...more] = desk.trades;
      expect(more).toEqual([]);
      expect(trade).toMatchObject({ other: Number(id), ticks: Number(ticks), lots: Number(lots) });
      expect((trade?.otherLeaves ?? 0) === 0).toBe(how === "fully");
    },
  ],
  [
    /^A client (\w+) orders:$/,
    (desk, [, client = ""], rows) => {
      const wanted = rows
        .slice(1)
        .map((cells) => cells.map((cell) => (/^\d+$/.test(cell) ? Number(cell) : cell)));
      expect(desk.orders(client)).toEqual(wanted);
    },
  ],
  [
    /^A client (\w+) does not have active orders$/,
    (desk, [, client = ""]) => expect(desk.orders(client)).toEqual([]),
  ],
];
