import type { CancelSession, CancelSessionEvents } from "../port/index.ts";

/**
 * What a session's module exports under the name `openCancelSession`: connects, logs on and gives the session.
 * `options` is what the agent was given for this venue, copied.
 */
export type OpenCancelSession = (
  options: unknown,
  events: CancelSessionEvents,
) => CancelSession | Promise<CancelSession>;
