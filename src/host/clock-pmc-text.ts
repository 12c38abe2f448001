import { Fault } from "../base/index.ts";
import {
  PTP_DATA_SETS,
  PTP_PORT_STATES,
  PTP_TIME_FLAGS,
  type PtpDataSet,
  type PtpSetName,
} from "./clock-ptp-sets.ts";

/** What pmc calls a field, where it is not our name for it. */
const PMC_NAMES: Readonly<Record<string, string>> = {
  masterOffset: "master_offset",
  ingressTime: "ingress_time",
};

const PARENT_NAMES: Readonly<Record<string, string>> = {
  clockClass: "gm.ClockClass",
  clockAccuracy: "gm.ClockAccuracy",
  offsetScaledLogVariance: "gm.OffsetScaledLogVariance",
};

const DEFAULT_FLAGS = { twoStepFlag: 1, slaveOnly: 2 } as const;

/** The answers in the text of `pmc -u -b 0 'GET …'`, in their order; a set of the ports stands there once a port. */
export interface PmcAnswers {
  /** @throws `FAULT_INPUT` where it was not answered, or a field is missing or cannot be read */
  one<Name extends PtpSetName>(set: Name): PtpDataSet<Name>;
  all<Name extends PtpSetName>(set: Name): readonly PtpDataSet<Name>[];
}

interface Block {
  readonly set: string;
  readonly fields: Map<string, string>;
}

/** Reads what pmc printed. Lines of no answer, such as what was sent, are passed over. */
export function readPmcText(text: string): PmcAnswers {
  const blocks: Block[] = [];
  for (const line of text.split("\n")) {
    const answer = /^\t([0-9a-f]{6}\.[0-9a-f]{4}\.[0-9a-f]{6})-\d+ seq \d+ (\S+) (\S+) (\S+)/.exec(line);
    if (answer !== null) {
      const good = answer[2] === "RESPONSE" && answer[3] === "MANAGEMENT";
      blocks.push({ set: good ? (answer[4] as string) : "error", fields: new Map() });
      continue;
    }
    const field = /^\t\t(\S+)\s+(\S+)/.exec(line);
    if (field !== null) blocks.at(-1)?.fields.set(field[1] as string, field[2] as string);
  }
  const all = <Name extends PtpSetName>(set: Name): readonly PtpDataSet<Name>[] =>
    blocks.filter((block) => block.set === set).map((block) => setOf(set, block.fields));
  return {
    all,
    one: (set) => all(set)[0] ?? bad(set, "no answer", "an answer of ptp4l"),
  };
}

function setOf<Name extends PtpSetName>(set: Name, fields: ReadonlyMap<string, string>): PtpDataSet<Name> {
  const found: Record<string, number | bigint | string> = {};
  for (const [field, kind] of Object.entries(PTP_DATA_SETS[set].fields)) {
    if (field.startsWith("reserved")) continue;
    if (field === "timeFlags") found[field] = flagsOf(set, fields, PTP_TIME_FLAGS);
    else if (field === "flags") found[field] = flagsOf(set, fields, DEFAULT_FLAGS);
    else {
      const name = (set === "PARENT_DATA_SET" ? PARENT_NAMES[field] : undefined) ?? PMC_NAMES[field] ?? field;
      const value = fields.get(name) ?? bad(`${set}.${name}`, "nothing", "a value");
      found[field] = fieldOf(`${set}.${name}`, field, kind, value);
    }
  }
  return found as PtpDataSet<Name>;
}

function flagsOf(
  set: string,
  fields: ReadonlyMap<string, string>,
  bits: Readonly<Record<string, number>>,
): number {
  let flags = 0;
  for (const [name, bit] of Object.entries(bits)) {
    const value = fields.get(name);
    if (value !== "0" && value !== "1") bad(`${set}.${name}`, value, "0 or 1");
    if (value === "1") flags |= bit;
  }
  return flags;
}

function fieldOf(path: string, field: string, kind: string, value: string): number | bigint | string {
  switch (kind) {
    case "i64":
      return /^-?\d{1,19}$/.test(value) ? BigInt(value) : bad(path, value, "an integer");
    case "identity":
      return identityOf(value) ?? bad(path, value, "a clock identity");
    case "port": {
      const [clock = "", port = ""] = value.split("-");
      const identity = identityOf(clock);
      return identity !== undefined && /^\d{1,5}$/.test(port)
        ? `${identity}-${port}`
        : bad(path, value, "a port");
    }
    case "scaledNs":
      return /^0x[0-9a-f']+\.[0-9a-f]+$/.test(value)
        ? value.replace(/^0x|['.]/g, "")
        : bad(path, value, "hex digits");
    default:
      return numberOf(path, field, value);
  }
}

function numberOf(path: string, field: string, value: string): number {
  if (field === "portState") {
    const state = (PTP_PORT_STATES as readonly string[]).indexOf(value);
    return state >= 0 ? state + 1 : bad(path, value, `one of ${PTP_PORT_STATES.join(", ")}`);
  }
  if (value === "true" || value === "false") return value === "true" ? 1 : 0;
  if (/^[-+]?\d+(\.\d+)?$/.test(value) || /^0x[0-9a-f]{1,8}$/.test(value)) return Number(value);
  return bad(path, value, "a number");
}

function identityOf(value: string): string | undefined {
  return /^[0-9a-f]{6}\.[0-9a-f]{4}\.[0-9a-f]{6}$/.test(value) ? value.replaceAll(".", "") : undefined;
}

function bad(path: string, value: unknown, expected: string): never {
  throw new Fault("FAULT_INPUT", { path: `pmc.${path}`, value, expected });
}
