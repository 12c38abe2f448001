import { setTimeout } from "node:timers/promises";
import { checkBoolean, checkFunction, checkInteger, checkKeys, checkText, Fault } from "../base/index.ts";
import type { S3Api, S3Server } from "./s3-api.ts";
import type { S3Patience } from "./s3-caller.ts";

/** How an audit store is opened. */
export interface S3AuditOptions extends S3Server, Partial<S3Patience> {
  /** A bucket that was made with object lock. */
  readonly bucket: string;
  /** What keys begin with, such as `desk/audit/`; empty unless given. */
  readonly prefix?: string;
  /** How long objects are locked, from their upload; 7 unless given. @units years */
  readonly retainYears?: number;
  /** Whether objects are put under a legal hold too; false unless given. */
  readonly legalHold?: boolean;
  /** A client of the caller's, instead of one for `region`, `endpoint` and `pathStyle`. */
  readonly client?: S3Api;
  /** The system's clock unless given. */
  readonly now?: () => Date;
}

/** The options with everything said. */
export interface S3AuditSettings extends S3Patience {
  readonly bucket: string;
  readonly prefix: string;
  readonly retainYears: number;
  readonly legalHold: boolean;
  readonly client: S3Api | undefined;
  readonly server: S3Server;
  readonly now: () => Date;
}

const SERVER = ["region", "endpoint", "pathStyle"] as const;
const KEYS = [
  ...SERVER,
  "bucket",
  "prefix",
  "retainYears",
  "legalHold",
  "client",
  "now",
  "attempts",
  "backoffMs",
  "timeoutMs",
  "pause",
  "random",
];
const PATH = "s3AuditStore";

/** Checks the options and fills in what was left out. @throws `FAULT_CONFIG` naming the option */
export function s3AuditSettings(options: S3AuditOptions): S3AuditSettings {
  checkKeys(PATH, options, KEYS);
  const { bucket, prefix = "", region, endpoint, pathStyle, client } = options;
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(checkText(`${PATH}.bucket`, bucket))) {
    throw wrong("bucket", bucket, "a bucket's name: 3 to 63 small letters, digits, dots and hyphens");
  }
  if (typeof prefix !== "string" || !/^[\w!.*'()/-]*$/.test(prefix) || prefix.startsWith("/")) {
    throw wrong("prefix", prefix, "letters, digits and _!.*'()/-, no slash first");
  }
  if (client !== undefined) {
    const also = SERVER.find((name) => options[name] !== undefined);
    if (also !== undefined)
      throw wrong(also, options[also], "nothing beside a client, which knows it itself");
    checkFunction(`${PATH}.client.putObject`, Reflect.get(client, "putObject"));
  }
  if (pathStyle !== undefined) checkBoolean(`${PATH}.pathStyle`, pathStyle);
  if (region !== undefined) checkText(`${PATH}.region`, region);
  if (endpoint !== undefined) checkEndpoint(endpoint);
  return {
    bucket,
    prefix,
    client,
    server: {
      ...(region === undefined ? {} : { region }),
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(pathStyle === undefined ? {} : { pathStyle }),
    },
    retainYears: checkInteger(`${PATH}.retainYears`, options.retainYears ?? 7, 1, 100),
    legalHold: checkBoolean(`${PATH}.legalHold`, options.legalHold ?? false),
    now: checkFunction(`${PATH}.now`, options.now ?? (() => new Date())),
    attempts: checkInteger(`${PATH}.attempts`, options.attempts ?? 5, 1, 20),
    backoffMs: checkInteger(`${PATH}.backoffMs`, options.backoffMs ?? 200, 0, 60_000),
    timeoutMs: checkInteger(`${PATH}.timeoutMs`, options.timeoutMs ?? 60_000, 1, 3_600_000),
    pause: checkFunction(`${PATH}.pause`, options.pause ?? setTimeout),
    random: checkFunction(`${PATH}.random`, options.random ?? Math.random),
  };
}

/** Credentials do not belong in an address, and plain text leaves this machine only where somebody reads it. */
function checkEndpoint(endpoint: string): void {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url !== undefined && (url.username !== "" || url.password !== "")) {
    throw wrong("endpoint", "an address with a secret in it", "an address alone");
  }
  const isHere = url !== undefined && /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  if (url?.protocol === "https:" || (url?.protocol === "http:" && isHere)) return;
  throw wrong("endpoint", endpoint, "an https address, or http on this machine");
}

function wrong(name: string, value: unknown, expected: string): Fault {
  return new Fault("FAULT_CONFIG", { path: `${PATH}.${name}`, value, expected });
}
