import { randomInt } from "node:crypto";
import { checkInteger, checkKeys, checkText, Fault } from "../base/index.ts";
import { runClockCommand } from "./clock-command.ts";
import { readPmcText } from "./clock-pmc-text.ts";
import { ptpRequest, readPtpResponse } from "./clock-ptp-message.ts";
import { ptpReading } from "./clock-ptp-reading.ts";
import type { PtpDataSet, PtpSetName } from "./clock-ptp-sets.ts";
import type { ClockPart, ClockSource, ClockTransport } from "./clock-readings.ts";

/** More ports than a clock of this machine has are a malformed answer. */
const PORTS_MAX = 64;

/** Asks ptp4l by PTP management messages, over a transport that reaches its Unix socket: one exchange a data set. */
export class PtpSource implements ClockSource {
  readonly name: string;
  readonly #transport: ClockTransport;
  readonly #domain: number;
  #sequenceId = randomInt(0x1_0000);

  /** @throws `FAULT_CONFIG` naming the domain */
  constructor(transport: ClockTransport, domain = 0) {
    this.#transport = transport;
    this.#domain = checkInteger("domain", domain, 0, 255);
    this.name = `ptp ${transport.name}`;
  }

  /** @throws `FAULT_IO` where it does not answer, `FAULT_INPUT` where the answer cannot be read */
  async sample(): Promise<ClockPart> {
    const defaults = await this.#get("DEFAULT_DATA_SET");
    const { numberPorts } = defaults;
    if (numberPorts < 1 || numberPorts > PORTS_MAX) {
      const expected = `1 to ${PORTS_MAX}`;
      throw new Fault("FAULT_INPUT", { path: "ptp.numberPorts", value: numberPorts, expected });
    }
    const ports: PtpDataSet<"PORT_DATA_SET">[] = [];
    for (let port = 1; port <= numberPorts; port += 1) ports.push(await this.#get("PORT_DATA_SET", port));
    const current = await this.#get("CURRENT_DATA_SET");
    const parent = await this.#get("PARENT_DATA_SET");
    const time = await this.#get("TIME_PROPERTIES_DATA_SET");
    // Last, since it has the offset: the youngest.
    const status = await this.#get("TIME_STATUS_NP");
    return { ptp: ptpReading({ defaults, current, parent, time, status, ports }) };
  }

  close(): void {
    this.#transport.close?.();
  }

  async #get<Name extends PtpSetName>(set: Name, port?: number): Promise<PtpDataSet<Name>> {
    this.#sequenceId = (this.#sequenceId + 1) & 0xffff;
    const whom = port === undefined ? {} : { port };
    const request = { set, sequenceId: this.#sequenceId, domain: this.#domain, ...whom };
    return readPtpResponse(await this.#transport.exchange(ptpRequest(request)), request);
  }
}

/** How `pmc` is run. */
export interface PmcSourceOptions {
  /** `pmc` unless given. */
  readonly command?: string;
  /** ptp4l's socket. pmc's own default, /var/run/ptp4l, unless given. */
  readonly socket?: string;
  /** 0 unless given. */
  readonly domain?: number;
  /** How long it may take. 1000 ms unless given. @units ms */
  readonly timeoutMs?: number;
}

const ASKED = [
  "DEFAULT_DATA_SET",
  "PORT_DATA_SET",
  "CURRENT_DATA_SET",
  "PARENT_DATA_SET",
  "TIME_PROPERTIES_DATA_SET",
  "TIME_STATUS_NP",
] as const satisfies readonly PtpSetName[];

/**
 * A source that runs `pmc -u -b 0 'GET …'` at each sample: the way to ptp4l without native code.
 *
 * @throws `FAULT_CONFIG` naming the option
 */
export function pmcSource(options: PmcSourceOptions = {}): ClockSource {
  checkKeys("options", options, ["command", "socket", "domain", "timeoutMs"]);
  const command = checkText("options.command", options.command ?? "pmc");
  const domain = checkInteger("options.domain", options.domain ?? 0, 0, 255);
  const timeoutMs = checkInteger("options.timeoutMs", options.timeoutMs ?? 1_000, 1, 60_000);
  const args = ["-u", "-b", "0", "-d", String(domain)];
  if (options.socket !== undefined) args.push("-s", checkText("options.socket", options.socket));
  const name = [command, ...args].join(" ");
  const gets = ASKED.map((set) => `GET ${set}`);
  return {
    name,
    async sample() {
      const text = await runClockCommand(command, [...args, ...gets], timeoutMs);
      if (!/ seq \d+ /.test(text)) {
        throw new Fault("FAULT_IO", { path: name, value: "no answer", expected: "a ptp4l that answers" });
      }
      const answers = readPmcText(text);
      return {
        ptp: ptpReading({
          defaults: answers.one("DEFAULT_DATA_SET"),
          current: answers.one("CURRENT_DATA_SET"),
          parent: answers.one("PARENT_DATA_SET"),
          time: answers.one("TIME_PROPERTIES_DATA_SET"),
          status: answers.one("TIME_STATUS_NP"),
          ports: answers.all("PORT_DATA_SET"),
        }),
      };
    },
  };
}
