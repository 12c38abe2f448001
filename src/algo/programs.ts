import { shortfallCurve, twapCurve, vwapCurve } from "./curves.ts";
import { IcebergProgram } from "./iceberg-program.ts";
import type { Terms } from "./parent-terms.ts";
import { PovProgram } from "./pov-program.ts";
import type { Program } from "./program.ts";
import { SlicedProgram } from "./sliced-program.ts";

/** Everything at once: a sweep's children are sent by its plan, not by a target. */
class AtOnce implements Program {
  readonly isStrict = false;
  plan(): void {}
  targetLots(): number {
    return Number.MAX_SAFE_INTEGER;
  }
  rung(): "cross" {
    return "cross";
  }
  nextNs(): number {
    return Number.POSITIVE_INFINITY;
  }
  save(): readonly number[] {
    return [];
  }
  load(): void {}
}

/** The program of a parent's terms. */
export function programOf(terms: Terms): Program {
  const { program } = terms;
  switch (program.algo) {
    case "twap":
      return new SlicedProgram(terms, program, twapCurve(terms, program));
    case "vwap":
      return new SlicedProgram(terms, program, vwapCurve(terms, program), program.rescales);
    case "shortfall":
      return new SlicedProgram(terms, program, shortfallCurve(terms, program));
    case "pov":
      return new PovProgram(terms, program);
    case "iceberg":
      return new IcebergProgram(program);
    case "sweep":
      return new AtOnce();
  }
}
