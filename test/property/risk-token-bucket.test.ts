import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TokenBuckets } from "../../src/risk/token-bucket.ts";

/** A bucket that is filled token by token, in integers of any size. */
class SlowBucket {
  readonly intervalNs: bigint;
  readonly burst: bigint;
  /** When each missing token comes back, in order. */
  due: bigint[] = [];

  constructor(ratePerSecond: number, burst: number) {
    this.intervalNs = (1_000_000_000n + BigInt(ratePerSecond) - 1n) / BigInt(ratePerSecond);
    this.burst = BigInt(burst);
  }

  take(now: bigint): boolean {
    const missing = this.due.filter((each) => each > now);
    if (BigInt(missing.length) >= this.burst) return false;
    const last = this.due.at(-1);
    this.due.push((last === undefined || last < now ? now : last) + this.intervalNs);
    return true;
  }
}

const steps = fc.array(fc.record({ by: fc.integer({ min: -300_000_000, max: 700_000_000 }) }), {
  maxLength: 80,
});

describe("token buckets", () => {
  it("do as a bucket that counts its tokens one by one", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2000 }),
        fc.integer({ min: 1, max: 8 }),
        steps,
        (ratePerSecond, burst, walk) => {
          const made = new TokenBuckets({ size: 1 });
          made.configure(0, { ratePerSecond, burst }, 0);
          const slow = new SlowBucket(ratePerSecond, burst);
          let nowNs = 0;
          for (const { by } of walk) {
            nowNs += Math.abs(by);
            const wait = made.waitNs(0, nowNs);
            const level = made.level(0, nowNs);
            expect(made.allows(0, nowNs)).toBe(wait === 0);
            expect(level > 0).toBe(wait === 0);
            const missing = slow.due.filter((each) => each > BigInt(nowNs)).length;
            expect(level).toBe(Math.max(0, burst - missing));
            expect(made.take(0, nowNs)).toBe(slow.take(BigInt(nowNs)));
          }
        },
      ),
    );
  });

  it("give at most burst + d / interval tokens over any d, a clock that goes back counted as standing", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 5 }),
        steps,
        (ratePerSecond, burst, walk) => {
          const made = new TokenBuckets({ size: 1 });
          made.configure(0, { ratePerSecond, burst }, 0);
          const taken: number[] = [];
          let nowNs = 0;
          let newestNs = Number.NEGATIVE_INFINITY;
          for (const { by } of walk) {
            nowNs += by;
            newestNs = Math.max(newestNs, nowNs);
            while (made.take(0, nowNs)) taken.push(newestNs);
          }
          const intervalNs = Math.ceil(1e9 / ratePerSecond);
          for (const [i, from] of taken.entries()) {
            for (let k = i; k < taken.length; k++) {
              expect(k - i + 1).toBeLessThanOrEqual(
                burst + Math.floor(((taken[k] as number) - from) / intervalNs),
              );
            }
          }
        },
      ),
    );
  });

  it("go on after a restart as if there were none", () => {
    fc.assert(
      fc.property(steps, fc.nat(80), (walk, cut) => {
        const limit = { ratePerSecond: 7, burst: 3 };
        const make = () => {
          const made = new TokenBuckets({ size: 1 });
          made.configure(0, limit, 0);
          return made;
        };
        let one = make();
        const other = make();
        let nowNs = 0;
        for (const [i, { by }] of walk.entries()) {
          nowNs += by;
          if (i === cut) {
            const again = make();
            again.load(JSON.parse(JSON.stringify(one.save())));
            one = again;
          }
          expect(one.take(0, nowNs)).toBe(other.take(0, nowNs));
        }
      }),
    );
  });
});
