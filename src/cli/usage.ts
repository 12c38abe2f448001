import { Fault } from "../base/index.ts";

/** The command line is wrong: told in one line, exit code 2. */
export class Usage extends Error {}

/** Which option a fault is about: how its path begins, and the option's name. */
export type OptionPaths = Readonly<Record<string, string>>;

/**
 * What `work` gives. A value that an option does not take is a wrong call, not trouble of a run.
 *
 * @throws `Usage` in place of a fault whose path is one of `paths`, or begins with one
 */
export async function usageOf<Value>(paths: OptionPaths, work: () => Value | Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    throw asUsage(error, paths);
  }
}

function asUsage(error: unknown, paths: OptionPaths): unknown {
  if (!(error instanceof Fault) || (error.code !== "FAULT_CONFIG" && error.code !== "FAULT_INPUT"))
    return error;
  const { path = "", message, code } = error;
  const known = Object.keys(paths).filter((each) => path === each || /^[.[]/.test(path.slice(each.length)));
  const found = known.filter((each) => path.startsWith(each)).sort((a, b) => b.length - a.length)[0];
  if (found === undefined) return error;
  const rest = path.slice(found.length).replace(/^\./, " ");
  const said = message.slice(`${code} ${path}`.length).replace(/^: /, "");
  return new Usage(`${paths[found]}${rest}: ${said}`, { cause: error });
}
