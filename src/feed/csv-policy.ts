import { checkChoice, checkKeys, Fault } from "../base/index.ts";

/** What happens to a line that cannot be used: the reading ends, or the line is left out and counted. */
export type LinePolicy = "fail" | "drop";

/** Thrown inside a reader for one bad line; a {@link LineJudge} turns it into a fault or a count. */
export class LineTrouble<Kind extends string> extends Error {
  readonly kind: Kind;
  readonly value: unknown;
  readonly expected: string;

  constructor(kind: Kind, value: unknown, expected: string) {
    super(expected);
    this.kind = kind;
    this.value = value;
    this.expected = expected;
  }
}

/**
 * Applies a reader's policies to its lines.
 *
 * @invariant Every line is taken, or counted as `<kind>Dropped`, or ends the reading.
 * @throws `FAULT_CONFIG` on an unknown kind or policy; from `judge` `FAULT_INPUT` naming the place.
 */
export class LineJudge<Kind extends string> {
  readonly counts: Map<string, number> = new Map();
  readonly #policies: Partial<Readonly<Record<Kind, LinePolicy>>>;

  constructor(
    path: string,
    kinds: readonly Kind[],
    policies: Partial<Readonly<Record<Kind, LinePolicy>>> = {},
  ) {
    checkKeys(path, policies, kinds);
    for (const kind of kinds) checkChoice(`${path}.${kind}`, policies[kind] ?? "fail", ["fail", "drop"]);
    this.#policies = policies;
  }

  /** Runs the reading of one line; true where it was taken. */
  judge(place: string, read: () => void): boolean {
    try {
      read();
      return true;
    } catch (error) {
      if (!(error instanceof LineTrouble)) throw error;
      const trouble = error as LineTrouble<Kind>;
      if ((this.#policies[trouble.kind] ?? "fail") === "fail") {
        throw new Fault("FAULT_INPUT", { path: place, value: trouble.value, expected: trouble.expected });
      }
      this.count(`${trouble.kind}Dropped`);
      return false;
    }
  }

  count(name: string, by = 1): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + by);
  }
}
