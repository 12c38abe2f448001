import process from "node:process";
import { promiseHooks } from "node:v8";
import { Fault } from "../base/index.ts";

const IN_PLACE = "ctx.clock, ctx.rng and ctx.clock.at in their place: a run must be repeatable";

/**
 * Makes the wall clock, random numbers, timers and promises fault while strategies run: one such read would
 * make a run that cannot be repeated.
 *
 * Between `arm()` and `disarm()` the calls of `Date.now()`, `new Date()`, `performance.now()`,
 * `process.hrtime()`, `Temporal.Now`, `Math.random()`, `crypto.getRandomValues()`, `crypto.randomUUID()`,
 * `setTimeout`, `setInterval`, `setImmediate` and `queueMicrotask` throw. The engine gives no way to throw where
 * a promise is made, so that one is remembered and `checkPromises()` throws.
 *
 * @throws `FAULT_AMBIENT` naming the call; for a promise, its cause holds the stack of where it was made.
 */
export class AmbientTrap {
  #restore: (() => void) | undefined = undefined;
  #promised: Error | undefined = undefined;

  arm(): void {
    if (this.#restore !== undefined) return;
    const undo: (() => void)[] = [];
    const trap = (owner: object, name: string, where: string): void => {
      const before = Object.getOwnPropertyDescriptor(owner, name);
      const inherited = Reflect.get(owner, name);
      if (typeof inherited !== "function") return;
      Object.defineProperty(owner, name, { value: faulting(where), configurable: true, writable: true });
      undo.push(() => {
        if (before === undefined) Reflect.deleteProperty(owner, name);
        else Object.defineProperty(owner, name, before);
      });
    };
    trap(Math, "random", "Math.random()");
    trap(globalThis.performance, "now", "performance.now()");
    trap(process, "hrtime", "process.hrtime()");
    trap(globalThis.crypto, "getRandomValues", "crypto.getRandomValues()");
    trap(globalThis.crypto, "randomUUID", "crypto.randomUUID()");
    for (const [owner, name] of temporalClocks()) trap(owner, name, `Temporal.Now.${name}()`);
    for (const name of ["setTimeout", "setInterval", "setImmediate", "queueMicrotask"]) {
      trap(globalThis, name, `${name}()`);
    }
    const RealDate = globalThis.Date;
    globalThis.Date = trappedDate(RealDate);
    undo.push(() => {
      globalThis.Date = RealDate;
    });
    const unhook: unknown = promiseHooks.onInit(() => {
      this.#promised ??= new Error("a promise was made in a callback");
    });
    if (typeof unhook === "function") undo.push(() => unhook());
    this.#restore = () => {
      for (const step of undo.reverse()) step();
    };
  }

  disarm(): void {
    this.#restore?.();
    this.#restore = undefined;
  }

  /** Throws `FAULT_AMBIENT` where a promise was made since `arm()`. */
  checkPromises(): void {
    const cause = this.#promised;
    this.#promised = undefined;
    if (cause === undefined) return;
    const expected = "callbacks that are synchronous: a run must be repeatable";
    throw new Fault("FAULT_AMBIENT", { path: "Promise", value: cause.stack, expected, cause });
  }
}

function faulting(where: string): () => never {
  const fault = (): never => {
    throw new Fault("FAULT_AMBIENT", { path: where, expected: IN_PLACE });
  };
  return Object.assign(fault, { bigint: fault });
}

/** The clocks of `Temporal`, on versions of Node that have it. */
function temporalClocks(): readonly (readonly [object, string])[] {
  const now: unknown = Reflect.get(Reflect.get(globalThis, "Temporal") ?? {}, "Now");
  if (typeof now !== "object" || now === null) return [];
  return Object.getOwnPropertyNames(now).map((name) => [now, name] as const);
}

function trappedDate(RealDate: DateConstructor): DateConstructor {
  return new Proxy(RealDate, {
    construct(target, args, newTarget): object {
      if (args.length === 0) faulting("new Date()")();
      return Reflect.construct(target, args, newTarget) as object;
    },
    apply(): never {
      return faulting("Date()")();
    },
    get(target, property): unknown {
      return property === "now" ? faulting("Date.now()") : Reflect.get(target, property);
    },
  });
}
