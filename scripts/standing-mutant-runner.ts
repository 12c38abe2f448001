import process from "node:process";

/**
 * A process that runs seeds of the tree it stands in: it is sent `{ from, to, seconds, rest, force }`, tells of each seed
 * which rules it broke, up to the first that broke one, and `{ done: true }`.
 */
const { simulateSeed } = await import(new URL("../src/torture/index.ts", import.meta.url).href);

interface Order {
  readonly from: number;
  readonly to: number;
  readonly seconds: number;
  readonly rest: number;
  readonly force: number;
}

process.on("message", ({ from, to, seconds, rest, force }: Order) => {
  const options = { durationNs: seconds * 1e9, restNs: rest * 1e9, force, replayEvery: 0 };
  for (let seed = from; seed <= to; seed++) {
    const oracles = run(seed, options);
    process.send?.({ seed, oracles });
    if (oracles.length > 0) break;
  }
  process.send?.({ done: true });
});
process.send?.({ ready: true });

/** Which rules broke; a run that could not go on at all broke `noFault`. */
function run(seed: number, options: object): string[] {
  try {
    const { violations } = simulateSeed(seed, options) as {
      violations: readonly { readonly oracle: string }[];
    };
    return [...new Set(violations.map(({ oracle }) => oracle))];
  } catch {
    return ["noFault"];
  }
}
