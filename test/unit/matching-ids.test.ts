import { describe, expect, it } from "vitest";
import { Prng } from "../../src/base/index.ts";
import { IdIndex } from "../../src/match/id-index.ts";
import { MatchingBook, type MatchOrder, type MatchOrderId } from "../../src/match/index.ts";

/** Takes and drops drawn ids of a pool, beside a Map; every id is asked for after each hundred steps. */
function againstMap(pool: readonly MatchOrderId[], steps: number): void {
  const names: (MatchOrderId | undefined)[] = [];
  const index = new IdIndex({ idOf: (row) => names[row] });
  const map = new Map<MatchOrderId, number>();
  const draws = new Prng(7);
  for (let step = 1; step <= steps; step++) {
    const id = pool[draws.below(pool.length)] as MatchOrderId;
    const row = map.get(id);
    expect(index.find(id)).toBe(row ?? 0);
    if (row === undefined) {
      names[step] = id;
      map.set(id, step);
      index.set(id, step);
    } else {
      map.delete(id);
      index.delete(id);
      names[row] = undefined;
    }
    if (step % 100 !== 0) continue;
    for (const each of pool) if (index.find(each) !== (map.get(each) ?? 0)) expect.fail(`id ${each}`);
    expect(index.values().sort((a, b) => a - b)).toEqual([...map.values()].sort((a, b) => a - b));
  }
}

/** So many numbers whose hashes are equal, in a table that has to grow. */
function crowd(count: number): { readonly index: IdIndex; readonly names: (MatchOrderId | undefined)[] } {
  const names: (MatchOrderId | undefined)[] = [undefined];
  const index = new IdIndex({ idOf: (row) => names[row] });
  for (let row = 1; row <= count; row++) {
    names[row] = row % 3 === 0 ? row * 2 ** 32 : row;
    index.set(names[row] as MatchOrderId, row);
  }
  return { index, names };
}

describe("ids of orders", () => {
  const numbers = Array.from({ length: 2_000 }, (_, i) => i);

  it("finds numbers, of any size, as a Map does", () => {
    againstMap([...numbers, ...numbers.map((i) => -i * 2 ** 40), ...numbers.map((i) => i << 20)], 6_000);
  });

  it("finds texts, short, long and of other alphabets, as a Map does", () => {
    const texts = numbers.flatMap((i) => [`order-${i}`, `${i}`, `${"x".repeat(60)}${i}`, `注文-${i}`]);
    againstMap(texts, 12_000);
  });

  it("finds what was asked for, then set after others had gone", () => {
    const names: (MatchOrderId | undefined)[] = [];
    const index = new IdIndex({ idOf: (row) => names[row] });
    const draws = new Prng(11);
    const live: number[] = [];
    for (let row = 1; row <= 3_000; row++) {
      const id = row % 3 === 0 ? row : `order-${row}`;
      expect(index.find(id)).toBe(0);
      for (let gone = 0; gone < 2 && live.length > 480; gone++) {
        const at = draws.below(live.length);
        index.delete(names[live[at] as number] as MatchOrderId);
        live[at] = live.at(-1) as number;
        live.pop();
      }
      names[row] = id;
      index.set(id, row);
      live.push(row);
      for (const each of live)
        if (index.find(names[each] as MatchOrderId) !== each) expect.fail(`row ${each}`);
    }
  });

  it("finds ids that all want one place, and more than a table of them", () => {
    // Half of them have equal low words; of the texts every second pair of characters is spread alike.
    againstMap(
      numbers.map((i) => i * 2 ** 32 + 7),
      4_000,
    );
    const alike = numbers.filter((i) => i < 700).map((i) => `${"\u0000\u0000".repeat(i % 18)}${i >> 4}`);
    againstMap(alike, 4_000);
    const { index, names } = crowd(3_000);
    expect(names.slice(1).every((id, i) => index.find(id as MatchOrderId) === i + 1)).toBe(true);
    names.forEach((id, row) => {
      if (row > 0 && row % 2 === 0) index.delete(id as MatchOrderId);
    });
    expect(
      names.slice(1).every((id, i) => index.find(id as MatchOrderId) === (i % 2 === 0 ? i + 1 : 0)),
    ).toBe(true);
    expect(index.values().length).toBe(1_500);
  });

  it("tells a number from the text that says it", () => {
    againstMap(
      numbers.slice(0, 200).flatMap((i) => [i, `${i}`]),
      4_000,
    );
  });

  it("knows no order by what is neither", () => {
    const book = new MatchingBook();
    book.submit({ id: 1, side: "buy", lots: 1, priceTicks: 100 });
    for (const id of [undefined, null, 1n, Symbol("1"), {}, Number.NaN, ""]) {
      expect(book.cancel(id as MatchOrderId)?.code).toBe("MATCH_UNKNOWN_ORDER");
    }
  });
});

describe("the short way of plain orders", () => {
  it("does not hide what a class says by getters", () => {
    class Hidden {
      readonly id = "a";
      readonly side = "buy";
      readonly lots = 5;
      readonly priceTicks = 100;
      get hidden(): boolean {
        return true;
      }
    }
    const book = new MatchingBook();
    expect(book.submit(new Hidden())).toBeUndefined();
    expect(book.shownLots("buy", 100)).toBe(0);
  });

  it("takes what is left undefined as left out", () => {
    const [one, other] = [new MatchingBook(), new MatchingBook()];
    const rest = { owner: undefined, timeInForce: undefined, type: undefined };
    one.submit({ id: "a", side: "buy", lots: 5, priceTicks: 100, ...rest } as unknown as MatchOrder);
    other.submit({ id: "a", side: "buy", lots: 5, priceTicks: 100 });
    expect(one.stateHash()).toBe(other.stateHash());
  });
});
