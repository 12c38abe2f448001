import { Fault } from "../base/index.ts";

/**
 * Poisons views after the callback they were made for: a strategy that keeps one finds out in debug mode.
 *
 * @throws `FAULT_VIEW_EXPIRED` from any use of a view that was kept.
 */
export class ViewGuard {
  /** Calls `callback` with a view that works until it returns. */
  during<View extends object>(view: View, callback: (guarded: View) => void): void {
    let alive = true;
    const guarded = new Proxy(view, {
      get(target, property) {
        if (!alive) {
          const expected = "a view used inside its callback; keep view.copy()";
          throw new Fault("FAULT_VIEW_EXPIRED", { path: `view.${String(property)}`, expected });
        }
        const value: unknown = Reflect.get(target, property, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    try {
      callback(guarded);
    } finally {
      alive = false;
    }
  }
}
