import { Socket } from "node:net";
import { WebSocket } from "ws";
import { type Disk, localDisk } from "../../../src/host/index.ts";
import type { CcxtMaker } from "../../../src/venue/ccxt.ts";
import { makeCcxt } from "../../../src/venue/ccxt-exchange.ts";
import type { VenueClient } from "../../../src/venue/index.ts";
import type { Stamps } from "./stamps.ts";

const HEAD = 64;

interface Chunk {
  readonly chunk: string | Uint8Array;
}
type WriteGeneric = (isMany: boolean, data: unknown, encoding: string, done: unknown) => unknown;
type Send = (this: WebSocket, data: unknown, ...rest: unknown[]) => void;
type SetSocket = (this: WebSocket, socket: Socket, head: Buffer, options: object) => void;

/** Stamps a websocket's bytes as they reach the process, and whole frames. Returns what takes it back. */
export function hookWebSocket(stamps: Stamps, streamUrl: string): () => void {
  const prototype = WebSocket.prototype as object as { setSocket: SetSocket };
  const { setSocket } = prototype;
  prototype.setSocket = function (this: WebSocket, socket, head, options): void {
    if (this.url.startsWith(streamUrl)) {
      socket.prependListener("data", () => stamps.tick("bytes"));
      this.prependListener("message", () => stamps.tick("frame"));
    }
    setSocket.call(this, socket, head, options);
  };
  return () => {
    prototype.setSocket = setSocket;
  };
}

/** Stamps the return of the write that hands an order to a socket of this process: by HTTP, or as a frame. */
export function hookOrders(stamps: Stamps): () => void {
  const unhook = [hookRequests(stamps), hookFrames(stamps)];
  return () => {
    for (const each of unhook) each();
  };
}

/** Frames are masked on their way: they are known by their text, and stamped when `send` has written them. */
function hookFrames(stamps: Stamps): () => void {
  const prototype = WebSocket.prototype as object as { send: Send };
  const { send } = prototype;
  prototype.send = function (this: WebSocket, data, ...rest): void {
    send.call(this, data, ...rest);
    if (stamps.isOpen && isPlace(data)) stamps.close();
  };
  return () => {
    prototype.send = send;
  };
}

function hookRequests(stamps: Stamps): () => void {
  const prototype = Socket.prototype as object as { _writeGeneric: WriteGeneric };
  const { _writeGeneric } = prototype;
  prototype._writeGeneric = function (this: Socket, isMany, data, encoding, done): unknown {
    const said = _writeGeneric.call(this, isMany, data, encoding, done);
    if (stamps.isOpen && isOrder(isMany ? (data as Chunk[])[0]?.chunk : data)) stamps.close();
    return said;
  };
  return () => {
    prototype._writeGeneric = _writeGeneric;
  };
}

/** A frame's number and method stand at its beginning. */
function isPlace(data: unknown): boolean {
  return Buffer.isBuffer(data) && data.toString("latin1", 0, HEAD).includes('"method":"order.place"');
}

function isOrder(data: unknown): boolean {
  const text =
    typeof data === "string" ? data : Buffer.from((data as Uint8Array) ?? []).toString("latin1", 0, 32);
  return text.startsWith("POST /api/v3/order");
}

/** A client whose orders are stamped as it is handed them. */
export function hookClient<Client extends VenueClient>(client: Client, stamps: Stamps): Client {
  const submit = client.submit.bind(client);
  client.submit = (order) => {
    stamps.order("left");
    return submit(order);
  };
  return client;
}

/** The peer's class, its signing stamped. */
export function hookCcxt(stamps: Stamps): CcxtMaker {
  return async (id, config) => {
    const exchange = (await makeCcxt(id, config)) as Awaited<ReturnType<CcxtMaker>> & {
      sign: (...args: unknown[]) => unknown;
    };
    const sign = exchange.sign.bind(exchange);
    exchange.sign = (...args) => {
      stamps.order("signing");
      const signed = sign(...args);
      stamps.order("signed");
      return signed;
    };
    return exchange;
  };
}

/** This machine's disk, what its writes and syncs take told. */
export function hookDisk(stamps: Stamps): Disk {
  return {
    ...localDisk,
    open: (path, mode) => {
      const file = localDisk.open(path, mode);
      const timed = (work: () => unknown): unknown => {
        const from = performance.now();
        const value = work();
        stamps.waited(performance.now() - from);
        return value;
      };
      return {
        size: () => file.size(),
        read: (into, at) => file.read(into, at),
        write: (bytes, at) => timed(() => file.write(bytes, at)) as number,
        truncate: (bytes) => file.truncate(bytes),
        sync: () => void timed(() => file.sync()),
        close: () => file.close(),
      };
    },
  };
}
