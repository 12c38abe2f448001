export type { CancelSession, CancelSessionEvents, CancelTarget } from "./cancel-session.ts";
export type { DurabilityPolicy, Journal, Replica } from "./journal.ts";
export type { LogFields, Logger, LogLevel } from "./logger.ts";
export type { TapeSource } from "./tape-source.ts";
export { type ApprovalTaker, type OutboundOrder, outboundOrder, type VenueDoor } from "./venue-door.ts";
