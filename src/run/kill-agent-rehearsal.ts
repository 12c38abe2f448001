import type { CancelSession, CancelSessionEvents } from "../port/index.ts";
import { FIRM_SCOPE, KillLatch, OpenOrderBoard, OpenOrderEntry } from "../risk/index.ts";
import { KillControl } from "./kill-agent-control.ts";
import { KillAgentLoop } from "./kill-agent-loop.ts";
import type { KillAgentPlan } from "./kill-agent-options.ts";

const ORDERS = 2048;
const ROUNDS = 12;
/** Steps of one round: more than any takes, so that a rehearsal always ends. */
const STEPS = 200;

/**
 * Kills a shadow venue's orders a few times, on a latch and a board of its own, so that the code of a kill is
 * compiled before it is needed: cold, the first kill takes about twice as long to reach the wire.
 */
export async function rehearse(plan: KillAgentPlan): Promise<void> {
  const latch = new KillLatch(1);
  const board = new OpenOrderBoard(ORDERS);
  const control = new KillControl(1);
  const session = {
    venue: "shadow",
    module: "",
    options: undefined,
    ratePerSecond: 1e9,
    burst: 1e9,
    scope: -1,
  };
  const shadow: KillAgentPlan = {
    ...plan,
    latch: latch.buffer,
    board: board.buffer,
    sessions: [session],
    deadMan: undefined,
    reportPath: undefined,
  };
  const loop = new KillAgentLoop(
    shadow,
    control,
    [(_options, events) => shadowSession(events)],
    () => undefined,
  );
  const entry = new OpenOrderEntry();
  for (let round = 0; round < ROUNDS; round++) {
    for (let slot = 0; slot < ORDERS; slot++) {
      entry.number = round * ORDERS + slot;
      entry.id = `shadow-${entry.number}`;
      board.publish(slot, entry);
    }
    latch.set(FIRM_SCOPE, 2);
    for (let i = 0; i < STEPS && control.state !== "complete"; i++) {
      loop.step();
      await new Promise<void>((done) => setImmediate(done));
    }
    latch.clear(FIRM_SCOPE);
    loop.step();
  }
  loop.close();
}

function shadowSession(events: CancelSessionEvents): CancelSession {
  return {
    cancel(targets): number {
      for (const { id } of targets) events.canceled(id);
      return targets.length;
    },
    queryOpen: () => events.open([]),
    heartbeat: () => events.alive(),
    close: () => undefined,
  };
}
