import { Fault } from "../base/index.ts";
import type { RunResult } from "../run/index.ts";

/** Throws `FAULT_INPUT` unless a result is one, with columns of equal length. */
export function checkResult(result: RunResult, at?: string): void {
  if (result?.schema !== "tickwright.run/1") {
    const value: unknown = result?.schema;
    throw new Fault("FAULT_INPUT", { path: `${at ?? "result"}.schema`, value, expected: "tickwright.run/1" });
  }
  const { equity, exposure, instruments, ms } = result.samples;
  const check = (path: string, column: readonly unknown[]): void => {
    if (column.length === ms.length) return;
    const expected = `as many samples as times (${ms.length})`;
    throw new Fault("FAULT_INPUT", {
      path: `${at === undefined ? "" : `${at}.`}${path}.length`,
      value: column.length,
      expected,
    });
  };
  check("samples.equity", equity);
  check("samples.exposure", exposure);
  instruments.forEach((one, i) => {
    check(`samples.instruments[${i}].price`, one.price);
    check(`samples.instruments[${i}].position`, one.position);
  });
}
