import { Fault } from "../base/index.ts";
import { BREAK_KINDS } from "./break.ts";
import { checkRow, list, type RowShape, RULE, type Rule, row } from "./check-rows.ts";
import type { SavedReconBook } from "./recon-book.ts";

const SEVERITIES: readonly unknown[] = ["info", "warning", "critical"];

/** A value that must pass a test. */
function must(expected: string, holds: (value: unknown) => boolean): Rule {
  return (path, value) =>
    holds(value) ? undefined : { code: "RECON_FIELD_MALFORMED", path, value, expected };
}

const isObject = (value: unknown): boolean => typeof value === "object" && value !== null;
const FACTS = must("facts of one side, or null", (value) => value === null || isObject(value));
const LAST: RowShape = {
  required: {
    asOfNs: RULE.ns,
    asOfSeq: must("a sequence or null", (value) => value === null || Number.isSafeInteger(value)),
    nowNs: RULE.ns,
  },
  optional: {},
};

function breakShape(account: string): RowShape {
  return {
    required: {
      kind: must("a kind of break", (value) => (BREAK_KINDS as readonly unknown[]).includes(value)),
      key: RULE.text,
      account: must(account, (value) => value === account),
      instrument: must("an instrument or null", (value) => value === null || typeof value === "string"),
      local: FACTS,
      venue: FACTS,
      mark: must("a text", (value) => typeof value === "string"),
      severity: must("a severity", (value) => SEVERITIES.includes(value)),
      action: must(
        "an action",
        (value) => isObject(value) && typeof Reflect.get(value as object, "type") === "string",
      ),
      isAutomatic: RULE.flag,
      firstSeenNs: RULE.ns,
      lastSeenNs: RULE.ns,
      ageNs: RULE.ns,
      mismatches: RULE.seq,
      isConfirmed: RULE.flag,
    },
    optional: {},
  };
}

/** Checks saved breaks. @throws `FAULT_INPUT` naming the field. */
export function checkSavedBook(saved: SavedReconBook, account: string, breaksMax: number): void {
  const last: Rule = (path, value) => (value === null ? undefined : checkRow(path, value, LAST));
  const shape: RowShape = {
    required: { last, breaks: list(row(breakShape(account)), 0, breaksMax) },
    optional: {},
  };
  const fault = checkRow("saved", saved, shape);
  if (fault === undefined) return;
  throw new Fault("FAULT_INPUT", { path: fault.path, value: fault.value, expected: fault.expected });
}
