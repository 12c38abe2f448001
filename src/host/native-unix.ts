import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkInteger, checkKeys, checkText, Fault } from "../base/index.ts";
import { nativeDoor } from "../base/native.ts";
import type { ClockTransport } from "./clock-readings.ts";
import { callFault } from "./native-calls.ts";

interface UnixSocket {
  exchange(request: Uint8Array, timeoutMs: number): Promise<Uint8Array | number>;
  stop(): void;
}

interface UnixBinding {
  openUnixDatagram(local: string, remote: string): UnixSocket | number;
}

/** Whom to ask. */
export interface UnixDatagramOptions {
  /** The daemon's socket: `/var/run/ptp4lro`, `/run/chrony/chronyd.sock`. */
  readonly path: string;
  /**
   * Where the socket of this side stands while it is open: the daemon answers there, so it must be able to reach it.
   * The system's folder for temporary files unless given; chronyd, once it has given up root, needs `/run/chrony`.
   */
  readonly folder?: string;
  /** How long an answer may take, 1 to 60,000; 1,000 unless given. @units ms */
  readonly timeoutMs?: number;
}

const REQUEST_MAX = 65_507;

/**
 * A transport to a daemon's Unix datagram socket, one exchange after the other.
 *
 * @invariant Its own socket is removed by `close`. A datagram that was there before a request is not taken for its answer.
 * @cost An exchange waits on a thread of Node's pool, never on the calling one.
 * @throws `FAULT_CONFIG` for options; `FAULT_IO` where its own socket cannot be made; `FAULT_NATIVE_UNAVAILABLE`.
 */
export class UnixDatagramTransport implements ClockTransport {
  readonly name: string;
  readonly #timeoutMs: number;
  readonly #socket: UnixSocket;
  #isClosed = false;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: UnixDatagramOptions) {
    checkKeys("unixDatagram", options, ["path", "folder", "timeoutMs"]);
    this.name = checkText("unixDatagram.path", options.path);
    this.#timeoutMs = checkInteger("unixDatagram.timeoutMs", options.timeoutMs ?? 1000, 1, 60_000);
    const folder = checkText("unixDatagram.folder", options.folder ?? tmpdir());
    const local = join(folder, `tickwright-${process.pid}-${randomBytes(6).toString("hex")}.sock`);
    const opened = (nativeDoor("clock") as UnixBinding).openUnixDatagram(local, this.name);
    if (typeof opened === "number") {
      throw callFault(
        `unixDatagram ${local} to ${this.name}`,
        opened,
        "a folder and paths that a socket can have",
      );
    }
    this.#socket = opened;
  }

  /**
   * Sends one datagram, and resolves to the first that comes back.
   *
   * @throws `FAULT_IO` with the errno: ENOENT and ECONNREFUSED where no daemon listens, ETIMEDOUT, ECANCELED after `close`.
   */
  exchange(request: Uint8Array): Promise<Uint8Array> {
    const answer = this.#last.then(() => this.#exchange(request));
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  async #exchange(request: Uint8Array): Promise<Uint8Array> {
    if (this.#isClosed) {
      throw new Fault("FAULT_IO", {
        path: this.name,
        value: "a closed transport",
        expected: "one that is open",
      });
    }
    if (!(request instanceof Uint8Array) || request.length > REQUEST_MAX) {
      const expected = `a Uint8Array of at most ${REQUEST_MAX} bytes`;
      throw new Fault("FAULT_INPUT", { path: `${this.name} request`, value: typeof request, expected });
    }
    const answer = await this.#socket.exchange(request, this.#timeoutMs);
    if (typeof answer !== "number") return answer;
    throw callFault(this.name, answer, `a daemon that answers within ${this.#timeoutMs} ms`);
  }

  close(): void {
    this.#isClosed = true;
    this.#socket.stop();
  }
}
