import { createSocket, type Socket } from "node:dgram";
import { checkInteger, checkKeys, checkText, Fault } from "../base/index.ts";
import type { ClockTransport } from "./clock-readings.ts";

/** Where a daemon listens for requests over UDP. */
export interface UdpTransportOptions {
  readonly host: string;
  readonly port: number;
  /** How long an answer may take. 500 ms unless given. @units ms */
  readonly timeoutMs?: number;
}

interface Waiting {
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (fault: Fault) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * One request at a time over UDP, from a socket that takes datagrams of that peer alone.
 *
 * @invariant A datagram that comes while nothing was asked is dropped.
 */
export class UdpTransport implements ClockTransport {
  readonly name: string;
  readonly #host: string;
  readonly #port: number;
  readonly #timeoutMs: number;
  #socket: Promise<Socket> | undefined;
  #waiting: Waiting | undefined;

  /** @throws `FAULT_CONFIG` naming the option */
  constructor(options: UdpTransportOptions) {
    checkKeys("options", options, ["host", "port", "timeoutMs"]);
    this.#host = checkText("options.host", options.host);
    this.#port = checkInteger("options.port", options.port, 1, 65_535);
    this.#timeoutMs = checkInteger("options.timeoutMs", options.timeoutMs ?? 500, 1, 60_000);
    this.name = `udp ${this.#host}:${this.#port}`;
  }

  /** @throws `FAULT_IO` at a time-out, a second request at the same time, a port where nobody listens */
  async exchange(request: Uint8Array): Promise<Uint8Array> {
    this.#socket ??= this.#open();
    const socket = await this.#socket;
    if (this.#waiting !== undefined) throw this.#fault("a request under way", "one request at a time");
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#fail(this.#fault(`no answer within ${this.#timeoutMs} ms`, "a datagram"));
      }, this.#timeoutMs);
      this.#waiting = { resolve, reject, timer };
      socket.send(request, (error) => {
        if (error !== null) this.#fail(this.#fault(error.message, "a datagram that can be sent", error));
      });
    });
  }

  /** Closes the socket; a request under way fails. The next request opens another one. */
  close(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#fail(this.#fault("closed", "an open transport"));
    void socket?.then(
      (open) => open.close(),
      () => undefined,
    );
  }

  #open(): Promise<Socket> {
    const socket = createSocket(this.#host.includes(":") ? "udp6" : "udp4");
    return new Promise((resolve, reject) => {
      const failed = (error: Error): void => {
        this.#socket = undefined;
        socket.close();
        reject(this.#fault(error.message, "a socket", error));
      };
      socket.once("error", failed);
      socket.connect(this.#port, this.#host, () => {
        socket.off("error", failed);
        // Where nobody listens the kernel tells of it by an error of the socket.
        socket.on("error", (error) => this.#fail(this.#fault(error.message, "a daemon that listens", error)));
        socket.on("message", (bytes) => this.#answer(bytes));
        resolve(socket);
      });
    });
  }

  #answer(bytes: Uint8Array): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    clearTimeout(waiting.timer);
    waiting.resolve(bytes);
  }

  #fail(fault: Fault): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    clearTimeout(waiting.timer);
    waiting.reject(fault);
  }

  #fault(value: string, expected: string, cause?: unknown): Fault {
    return new Fault("FAULT_IO", { path: this.name, value, expected, ...(cause !== undefined && { cause }) });
  }
}
