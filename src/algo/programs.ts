import { AuctionedProgram } from "./auctioned-program.ts";
import { twapCurve, vwapCurve } from "./curves.ts";
import { IcebergProgram } from "./iceberg-program.ts";
import type { BaseTerms, SlicedTerms, Terms, VwapTerms } from "./parent-terms.ts";
import { PovProgram } from "./pov-program.ts";
import type { Program } from "./program.ts";
import { ShortfallProgram } from "./shortfall-program.ts";
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
      return vwapProgram(terms, program);
    case "shortfall":
      return new ShortfallProgram(terms, program);
    case "pov":
      return new PovProgram(terms, program);
    case "iceberg":
      return new IcebergProgram(program);
    case "sweep":
      return new AtOnce();
  }
}

function vwapProgram(terms: BaseTerms, program: SlicedTerms & VwapTerms): Program {
  const { auctions, catchUp } = program;
  if (auctions === undefined) return new SlicedProgram(terms, program, vwapCurve(terms, program), program);
  const between = { ...terms, startNs: auctions.untilNs, endNs: auctions.fromNs };
  const inner = new SlicedProgram(between, program, vwapCurve(between, program), program);
  return new AuctionedProgram(terms, auctions, inner, catchUp === "drop");
}
