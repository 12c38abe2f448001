import { checkKeys, checkMethods, checkText, Fault } from "../base/index.ts";
import type { Strategy } from "./strategy.ts";

/**
 * What judges parameters: any schema of the Standard Schema kind, such as zod's from version 3.24 on.
 *
 * @source Standard Schema, version 1
 */
export interface ParamSchema<Params> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    validate(value: unknown): ParamVerdict<Params> | { readonly then: unknown };
    readonly types?: { readonly input: unknown; readonly output: Params } | undefined;
  };
}

/** What a {@link ParamSchema} says of parameters. */
export type ParamVerdict<Params> =
  | { readonly value: Params; readonly issues?: undefined }
  | { readonly issues: readonly ParamIssue[] };

/** What is wrong with parameters, and where. */
export interface ParamIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What {@link defineStrategy} makes a strategy from. */
export interface StrategyDefinition<Params> {
  readonly name: string;
  readonly params: ParamSchema<Params>;
  /** Makes a strategy of its own for each call: strategies of two runs share nothing. */
  create(params: Params): Strategy;
}

/** Makes strategies of one kind from parameters, which are judged first. */
export interface StrategyMaker<Params> {
  (params?: unknown): Strategy;
  readonly strategyName: string;
  readonly schema: ParamSchema<Params>;
}

/**
 * Defines a strategy by a schema of its parameters and a function of them: what sweeps, backtests and traders make
 * their strategies from. Defaults are the schema's.
 *
 * The strategy carries the parameters as the schema gave them, defaults included: they stand in the manifest of a run.
 *
 * @throws `FAULT_CONFIG` naming the parameter, its value and what the schema wants; also where a schema is
 * asynchronous, or `create` returns no object.
 * @example
 * ```ts
 * import { defineStrategy } from "tickwright/strategy";
 * const lots = {
 *   "~standard": {
 *     version: 1, vendor: "by hand",
 *     validate: (value: unknown) => {
 *       const { lots = 1 } = value as { lots?: number };
 *       return lots > 0 ? { value: { lots } } : { issues: [{ message: "above 0", path: ["lots"] }] };
 *     },
 *   },
 * } as const;
 * const buyer = defineStrategy({
 *   name: "buyer", params: lots,
 *   create: ({ lots }) => ({
 *     onBar(bar, ctx) { ctx.submit({ instrument: bar.instrument.key, side: "buy", lots, type: "market" }); },
 *   }),
 * });
 * buyer({ lots: 5 }).params; // => { lots: 5 }
 * buyer().name; // => "buyer"
 * ```
 */
export function defineStrategy<Params>(definition: StrategyDefinition<Params>): StrategyMaker<Params> {
  checkKeys("strategy", definition, ["name", "params", "create"]);
  const name = checkText("strategy.name", definition.name);
  const schema = definition.params;
  if (typeof schema?.["~standard"]?.validate !== "function") {
    const expected = "a Standard Schema, such as zod's";
    throw new Fault("FAULT_CONFIG", { path: "strategy.params", value: schema, expected });
  }
  checkMethods("strategy", definition, ["create"]);
  const make = (given: unknown = {}): Strategy => {
    const params = judged(name, schema, given);
    const made: Strategy = definition.create(params);
    if (typeof made !== "object" || made === null) {
      throw new Fault("FAULT_CONFIG", { path: `${name}.create`, value: made, expected: "a strategy" });
    }
    if (made.name !== undefined && made.params !== undefined) return made;
    if (!Object.isExtensible(made)) {
      const expected = "a name and params on a strategy that is frozen";
      throw new Fault("FAULT_CONFIG", { path: `${name}.create`, value: "a frozen strategy", expected });
    }
    // Not spread: a strategy may be an object of a class, whose callbacks are its prototype's.
    for (const [field, value] of Object.entries({ name, params })) {
      if (made[field as keyof Strategy] === undefined) {
        Object.defineProperty(made, field, { value, enumerable: true, configurable: true, writable: true });
      }
    }
    return made;
  };
  return Object.assign(make, { strategyName: name, schema });
}

function judged<Params>(name: string, schema: ParamSchema<Params>, given: unknown): Params {
  const verdict = schema["~standard"].validate(given);
  if ("then" in verdict) {
    const expected = "a schema that answers at once";
    throw new Fault("FAULT_CONFIG", { path: `${name}.params`, value: "a thenable", expected });
  }
  if (verdict.issues === undefined) return verdict.value;
  const [first] = verdict.issues;
  const keys = (first?.path ?? []).map((key) => String(typeof key === "object" ? key.key : key));
  const value = keys.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], given);
  const expected = verdict.issues.map(({ message }) => message).join("; ");
  throw new Fault("FAULT_CONFIG", { path: [`${name}.params`, ...keys].join("."), value, expected });
}
