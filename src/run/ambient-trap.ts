import { Fault } from "../base/index.ts";

/**
 * Makes the wall clock, `Math.random` and timers fault while strategies run: one such read would make a run
 * that cannot be repeated.
 *
 * @throws `FAULT_AMBIENT` from `Date.now()`, `new Date()`, `performance.now()`, `Math.random()`, `setTimeout`,
 * `setInterval`, `setImmediate` and `queueMicrotask`, between `arm()` and `disarm()`.
 */
export class AmbientTrap {
  #restore: (() => void) | undefined = undefined;

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
    for (const name of ["setTimeout", "setInterval", "setImmediate", "queueMicrotask"]) {
      trap(globalThis, name, `${name}()`);
    }
    const RealDate = globalThis.Date;
    globalThis.Date = trappedDate(RealDate);
    undo.push(() => {
      globalThis.Date = RealDate;
    });
    this.#restore = () => {
      for (const step of undo.reverse()) step();
    };
  }

  disarm(): void {
    this.#restore?.();
    this.#restore = undefined;
  }
}

function faulting(where: string): () => never {
  return () => {
    const expected = "ctx.clock, ctx.rng and ctx.clock.at in their place: a run must be repeatable";
    throw new Fault("FAULT_AMBIENT", { path: where, expected });
  };
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
