import { execFile } from "node:child_process";
import { Fault } from "../base/index.ts";

/** No answer of a clock daemon's client is longer. @units bytes */
const OUTPUT_MAX = 1 << 20;

/**
 * Runs a client of a clock daemon to its end, without a shell and in the C locale.
 *
 * @throws `FAULT_IO` where it is missing, fails, says too much or does not end in time
 */
export function runClockCommand(
  command: string,
  args: readonly string[],
  timeoutMs: number,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, LC_ALL: "C", TZ: "UTC" };
    const options = {
      encoding: "utf8",
      timeout: timeoutMs,
      maxBuffer: OUTPUT_MAX,
      killSignal: "SIGKILL",
      env,
    } as const;
    execFile(command, [...args], options, (error, stdout, stderr) => {
      if (error === null) {
        resolve(stdout);
        return;
      }
      const path = [command, ...args].join(" ");
      const value = error.killed === true ? `no end within ${timeoutMs} ms` : (error.code ?? error.message);
      const said = `${stderr}${stdout}`.trim().slice(0, 200);
      const expected =
        said === "" ? "a program that ends with 0" : `a program that ends with 0; it said: ${said}`;
      reject(new Fault("FAULT_IO", { path, value, expected, cause: error }));
    });
  });
}
