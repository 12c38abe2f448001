import process from "node:process";
import { parseArgs } from "node:util";
import { HUNT, MutantHunt } from "./standing-mutant-hunt.ts";
import { STANDING_MUTANTS, type StandingMutant } from "./standing-mutants-list.ts";

/**
 * `npm run mutants [-- --jobs 2] [--only name] [--from 1]`: puts each standing mutant into a copy of the source and runs
 * seeds until one breaks a rule. Exit 1 where one is not found within 500 seeds, or one is found that nobody expected.
 */
async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      jobs: { type: "string", default: "2" },
      only: { type: "string" },
      from: { type: "string", default: "1" },
    },
  });
  const [jobs, from] = [Number(values.jobs), Number(values.from)];
  const mutants = STANDING_MUTANTS.filter(({ name }) => values.only === undefined || name === values.only);
  if (!Number.isInteger(jobs) || jobs < 1 || !Number.isInteger(from) || from < 0 || mutants.length === 0) {
    console.error("usage: npm run mutants [-- --jobs 2] [--only name] [--from 1]");
    return 2;
  }
  const hunt = new MutantHunt();
  try {
    return await huntAll(hunt, mutants, jobs, from);
  } finally {
    hunt.close();
  }
}

async function huntAll(
  hunt: MutantHunt,
  mutants: readonly StandingMutant[],
  jobs: number,
  from: number,
): Promise<number> {
  const waiting = [...mutants];
  let wrong = 0;
  const worker = async (): Promise<void> => {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      const { name, unseen } = mutant;
      const found = await hunt.find(mutant, [[from, from + HUNT.seedsMax - 1]]).catch((error: unknown) => {
        console.error(error);
        wrong += 1;
        return undefined;
      });
      const isWanted = (found === undefined) === (unseen !== undefined);
      if (!isWanted) wrong += 1;
      const what =
        found === undefined
          ? `not found within ${HUNT.seedsMax} seeds${unseen === undefined ? "" : `, as expected: ${unseen}`}`
          : `seed ${found.seed} by ${found.oracle}, ${found.runs} runs in ${found.seconds.toFixed(1)} s` +
            (unseen === undefined ? "" : ", unexpectedly");
      console.log(`${name.padEnd(28)}${what}`);
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  console.log(`${mutants.length - wrong} of ${mutants.length} mutants as expected`);
  return wrong === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
