import process from "node:process";
import { parseArgs } from "node:util";
import { newProject } from "./new-project.ts";
import { Usage } from "./usage.ts";

const HELP = `tickwright new FOLDER [options]

  --name NAME        the package's name; the folder's unless given
  --tickwright SPEC  what its package.json asks npm for: a version, or a path of a tarball; this version unless given

Writes a project into a folder that is empty or not there: a strategy with a schema of its parameters, a test on
planted markets, scripts for backtest, sweep and paper trading, and a sample market that is made by a seed. Nothing is
installed, and nothing that is there is written over.
`;

const OPTIONS = {
  help: { type: "boolean", short: "h" },
  name: { type: "string" },
  tickwright: { type: "string" },
} as const;

/** `tickwright new`: a strategy project to begin with. */
export async function newCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS });
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const [folder = "", ...more] = positionals;
  if (folder === "") throw new Usage("which folder?");
  if (more.length > 0) throw new Usage(`one folder, not ${positionals.join(" and ")}`);
  const { name, tickwright } = values;
  const files = newProject({
    folder,
    ...(name === undefined ? {} : { name }),
    ...(tickwright === undefined ? {} : { tickwright }),
  });
  const enter = folder === "." ? [] : [`cd ${/^[\w./~-]+$/.test(folder) ? folder : JSON.stringify(folder)}`];
  const next = [
    ...enter,
    "npm install",
    "npm test",
    ...["backtest", "sweep", "paper"].map((name) => `npm run ${name}`),
  ];
  process.stdout.write(`${files.length} files in ${folder}. Then:\n\n  ${next.join("\n  ")}\n`);
  return 0;
}
