import { Fault, type FaultCode } from "../base/index.ts";

/** What an error of an S3 client says, as far as we ask. */
interface S3Said {
  /** Its name, or the system's code. */
  readonly name: string;
  /** 0 where no answer came. */
  readonly status: number;
  readonly requestId: string;
}

/** Answers that change nothing when they are asked for again at once. */
const FINAL: Readonly<Record<string, readonly [FaultCode, string, string]>> = {
  RequestTimeTooSkewed: [
    "FAULT_TIME",
    "clock",
    "a clock within 15 minutes of the server's: set it, then try again",
  ],
  NoSuchBucket: ["FAULT_CONFIG", "bucket", "a bucket that exists"],
  ObjectLockConfigurationNotFoundError: ["FAULT_CONFIG", "bucket", "a bucket made with object lock"],
  InvalidRequest: ["FAULT_CONFIG", "bucket", "a bucket made with object lock, and a moment ahead of now"],
  CredentialsProviderError: [
    "FAULT_CONFIG",
    "credentials",
    "credentials in the environment, a profile or a role",
  ],
  InvalidAccessKeyId: ["FAULT_CONFIG", "credentials", "credentials that the server knows"],
  SignatureDoesNotMatch: ["FAULT_CONFIG", "credentials", "the secret that belongs to the access key"],
  ExpiredToken: ["FAULT_CONFIG", "credentials", "credentials that have not expired"],
  InvalidToken: ["FAULT_CONFIG", "credentials", "a session token that the server knows"],
  AccessDenied: ["FAULT_CONFIG", "permissions", "permission for this operation on this bucket"],
  Forbidden: ["FAULT_CONFIG", "permissions", "permission for this operation on this bucket"],
  PermanentRedirect: ["FAULT_CONFIG", "region", "the region of the bucket"],
  AuthorizationHeaderMalformed: ["FAULT_CONFIG", "region", "the region of the bucket"],
  NoSuchKey: ["FAULT_INPUT", "key", "an object that is there"],
  NoSuchVersion: ["FAULT_INPUT", "key", "a version that is there"],
  NotFound: ["FAULT_INPUT", "key", "a bucket and an object that are there"],
};
const PASSING = new Set([
  "SlowDown",
  "Throttling",
  "ThrottlingException",
  "TooManyRequestsException",
  "RequestLimitExceeded",
  "ServiceUnavailable",
  "InternalError",
  "RequestTimeout",
  "OperationAborted",
  "ConditionalRequestConflict",
  // Bytes that were damaged on their way.
  "BadDigest",
  "XAmzContentChecksumMismatch",
  "XAmzContentSHA256Mismatch",
  "IncompleteBody",
]);
/** The system's codes, and the client's words, for a connection that failed. */
const NETWORK = /^(?:E[A-Z_]+|TimeoutError|AbortError|NetworkingError|UND_ERR_\w+)$/;

/**
 * Reads an error. Its message, its fields and its cause are left alone: a server's answer repeats access keys and
 * what was signed.
 */
export function readS3Error(error: unknown): S3Said {
  const said = (typeof error === "object" && error !== null ? error : {}) as {
    readonly name?: unknown;
    readonly Code?: unknown;
    readonly code?: unknown;
    readonly $metadata?: { readonly httpStatusCode?: unknown; readonly requestId?: unknown };
    readonly $response?: { readonly statusCode?: unknown };
  };
  const status = Number(said.$metadata?.httpStatusCode ?? said.$response?.statusCode ?? 0);
  const isName = (each: unknown): each is string => typeof each === "string" && /^[\w.]{1,64}$/.test(each);
  const names = [said.Code, said.name, said.code].filter(isName);
  const known = names.find((each) => Object.hasOwn(FINAL, each) || PASSING.has(each));
  // The answer to a HEAD has no words, only a status.
  const bare = { 301: "PermanentRedirect", 403: "AccessDenied", 404: "NotFound" }[status];
  const system = typeof said.code === "string" && NETWORK.test(said.code) ? said.code : undefined;
  const { requestId } = said.$metadata ?? {};
  return {
    name: known ?? system ?? bare ?? names[0] ?? "an error",
    status: Number.isInteger(status) ? status : 0,
    requestId: typeof requestId === "string" ? requestId : "",
  };
}

/** Whether the same call may succeed a moment later. */
export function isPassing({ name, status }: S3Said): boolean {
  if (Object.hasOwn(FINAL, name)) return false;
  if (PASSING.has(name) || status === 429 || (status >= 500 && status !== 501)) return true;
  return status === 0 && NETWORK.test(name);
}

/** The fault that an error becomes, naming the object and what was answered, and no secret. */
export function s3Fault(place: string, said: S3Said, attempts: number): Fault {
  const { name, status, requestId } = said;
  const answer = status === 0 ? name : `${name}, status ${status}`;
  const times = attempts > 1 ? ` after ${attempts} attempts` : "";
  const value = `${answer}${requestId === "" ? "" : `, request ${requestId}`}${times}`;
  const known = Object.hasOwn(FINAL, name) ? FINAL[name] : undefined;
  if (known === undefined) {
    return new Fault("FAULT_IO", { path: place, value, expected: "an answer without an error" });
  }
  const [code, part, expected] = known;
  return new Fault(code, { path: `${place} ${part}`, value, expected });
}
