import { refuse } from "../base/index.ts";
import type { Strategy, StrategyContext } from "../strategy/index.ts";

/** What a strategy asked for, and in which of its callbacks. */
export interface Decision {
  /** The strategy, by its place. */
  readonly strategy: number;
  readonly callback: string;
  /** When. @units ns from the run's base */
  readonly ns: number;
  /** The call and its arguments, as JSON. */
  readonly asked: string;
}

const COLD = refuse("ORDER_NOT_WARM", "warmup", false, "the strategy's warm-up to have passed");
/** Calls of the context that decide something. */
const DECIDING: ReadonlySet<string> = new Set([
  ...["submit", "cancel", "replace", "reserve", "changeReserve", "release", "tellParent"],
]);

/**
 * Strategies that do what those given do, and note every decision with the callback it was made in.
 *
 * @param note - told every decision, in order
 * @param fromNs - until then everything that they ask for is refused, as it is while they warm up. @units ns
 */
export function watched(
  strategies: readonly Strategy[],
  note: (decision: Decision) => void,
  fromNs: number = Number.NEGATIVE_INFINITY,
): Strategy[] {
  return strategies.map((strategy, i) => watch(strategy, i, note, fromNs));
}

function watch(
  strategy: Strategy,
  index: number,
  note: (decision: Decision) => void,
  fromNs: number,
): Strategy {
  let callback = "";
  let own: StrategyContext | undefined;
  let wrapped: StrategyContext | undefined;
  const contextOf = (ctx: StrategyContext): StrategyContext => {
    if (wrapped !== undefined && own === ctx) return wrapped;
    own = ctx;
    wrapped = new Proxy(ctx, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key, target);
        if (key === "isWarm") return value === true && target.clock.ns >= fromNs;
        if (typeof value !== "function") return value;
        if (!DECIDING.has(key as string)) return value.bind(target) as unknown;
        return (...args: readonly unknown[]): unknown => {
          if (target.clock.ns < fromNs) return COLD;
          const asked = JSON.stringify([key, ...args], plain);
          note({ strategy: index, callback, ns: target.clock.ns, asked });
          return Reflect.apply(value, target, args) as unknown;
        };
      },
    });
    return wrapped;
  };
  // The fields of the strategy, and of these the callbacks in a coat: it is asked for them with itself as `this`.
  return new Proxy(strategy, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== "function" || typeof key !== "string" || !/^on[A-Z]/.test(key)) return value;
      return (...args: readonly unknown[]): unknown => {
        const outer = callback;
        callback = key;
        try {
          return Reflect.apply(
            value,
            target,
            args.map((arg) => (isContext(arg) ? contextOf(arg) : arg)),
          ) as unknown;
        } finally {
          callback = outer;
        }
      };
    },
  });
}

function isContext(value: unknown): value is StrategyContext {
  return typeof value === "object" && value !== null && "submit" in value && "clock" in value;
}

/** Tickets as their order's number, big integers as text. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "object" && value !== null && "orderId" in value) return { orderId: value.orderId };
  return value;
}
