export type { TapeSource } from "./tape-source.ts";
export type { OutboundOrder, VenueDoor } from "./venue-door.ts";
