import type { ClientOptions, WebSocket } from "ws";
import { Fault } from "../base/index.ts";

/** The module's client, loaded when it is first needed. */
export type WebSocketClass = new (address: string, options: ClientOptions) => WebSocket;

/** Loads `ws`. @throws `FAULT_PEER_MISSING` saying what to install */
export async function loadWebSocket(): Promise<WebSocketClass> {
  try {
    return (await import("ws")).WebSocket;
  } catch (cause) {
    const value = cause instanceof Error ? cause.message : String(cause);
    const expected = "the optional peer ws: npm install ws";
    throw new Fault("FAULT_PEER_MISSING", { path: "ws", value, expected, cause });
  }
}
