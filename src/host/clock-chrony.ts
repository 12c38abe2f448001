import { randomInt } from "node:crypto";
import { checkInteger, checkKeys, checkText } from "../base/index.ts";
import { readChronyCsv } from "./clock-chrony-csv.ts";
import { chronyTrackingRequest, readChronyTracking } from "./clock-chrony-packet.ts";
import { runClockCommand } from "./clock-command.ts";
import type { ClockPart, ClockSource, ClockTransport } from "./clock-readings.ts";
import { UdpTransport } from "./clock-udp.ts";

/** Where chronyd is asked. */
export interface ChronySourceOptions {
  /** 127.0.0.1 unless given. */
  readonly host?: string;
  /** chronyd's `cmdport`. 323 unless given. */
  readonly port?: number;
  /** How long an answer may take. 500 ms unless given. @units ms */
  readonly timeoutMs?: number;
}

/** How `chronyc` is run. */
export interface ChronycSourceOptions extends ChronySourceOptions {
  /** `chronyc` unless given. */
  readonly command?: string;
}

/** Asks chronyd by its own protocol: over UDP, or over a transport that reaches its Unix socket. */
export class ChronySource implements ClockSource {
  readonly name: string;
  readonly #transport: ClockTransport;
  #sequence = randomInt(0x1_0000_0000);

  constructor(transport: ClockTransport) {
    this.#transport = transport;
    this.name = `chrony ${transport.name}`;
  }

  /** @throws `FAULT_IO` where it does not answer, `FAULT_INPUT` where the answer cannot be read */
  async sample(): Promise<ClockPart> {
    this.#sequence = (this.#sequence + 1) >>> 0;
    const sequence = this.#sequence;
    return {
      ntp: readChronyTracking(await this.#transport.exchange(chronyTrackingRequest(sequence)), sequence),
    };
  }

  close(): void {
    this.#transport.close?.();
  }
}

/**
 * A source that asks the chronyd of this machine over UDP.
 *
 * @throws `FAULT_CONFIG` naming the option
 */
export function chronyUdpSource(options: ChronySourceOptions = {}): ChronySource {
  checkKeys("options", options, ["host", "port", "timeoutMs"]);
  const { host = "127.0.0.1", port = 323, timeoutMs = 500 } = options;
  return new ChronySource(new UdpTransport({ host, port, timeoutMs }));
}

/**
 * A source that runs `chronyc -n -c tracking`: a process each sample, and the figures rounded to a nanosecond.
 * Without host and port it finds chronyd's Unix socket by itself.
 *
 * @throws `FAULT_CONFIG` naming the option
 */
export function chronycSource(options: ChronycSourceOptions = {}): ClockSource {
  checkKeys("options", options, ["command", "host", "port", "timeoutMs"]);
  const command = checkText("options.command", options.command ?? "chronyc");
  const args = ["-n", "-c"];
  if (options.host !== undefined) args.push("-h", checkText("options.host", options.host));
  if (options.port !== undefined) {
    args.push("-p", String(checkInteger("options.port", options.port, 1, 65_535)));
  }
  args.push("tracking");
  const timeoutMs = checkInteger("options.timeoutMs", options.timeoutMs ?? 500, 1, 60_000);
  return {
    name: [command, ...args].join(" "),
    sample: async () => ({ ntp: readChronyCsv(await runClockCommand(command, args, timeoutMs)) }),
  };
}
