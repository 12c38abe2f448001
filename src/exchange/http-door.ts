import type { IncomingMessage, ServerResponse } from "node:http";
import type { Account } from "./account.ts";
import { API_ERRORS, ApiError } from "./api-error.ts";
import { answerControl, CONTROL, type ControlReach } from "./control-door.ts";
import type { Exchange } from "./exchange.ts";
import type { ExchangeFaults } from "./exchange-faults.ts";
import { runRequest } from "./request-desk.ts";
import { type FaultyRequest, passFaults } from "./request-faults.ts";
import type { Route } from "./route.ts";

const BODY_BYTES_MAX = 64 * 1024;
/** What is read of a body that is too long, so that its sender hears why: more is cut. */
const DRAINED_BYTES_MAX = 16 * 1024 * 1024;
const BLOAT_BYTES = 40 * 1024 * 1024;
const JSON_TYPE = "application/json;charset=UTF-8";

/** What requests over HTTP go through. */
export interface HttpDoorParts {
  readonly exchange: Exchange;
  readonly routes: Readonly<Record<string, Route>>;
  readonly faults: ExchangeFaults;
  readonly later: (ms: number, work: () => void) => void;
  /** What the control endpoint reaches, where it is on. */
  readonly control: ControlReach | undefined;
}

/** Answers one request over HTTP. */
export async function answerHttp(
  parts: HttpDoorParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request);
  if (body === undefined) {
    send(response, 413, API_ERRORS.tooLarge.body(), { connection: "close" });
    return;
  }
  const url = request.url ?? "/";
  if (parts.control !== undefined && url.startsWith(CONTROL)) {
    const answer = answerControl(parts.control, request, body);
    send(response, answer.status, answer.body, {});
    return;
  }
  const at = url.indexOf("?");
  const path = at < 0 ? url : url.slice(0, at);
  const query = at < 0 ? "" : url.slice(at + 1);
  const route = parts.routes[`${request.method} ${path}`];
  if (route === undefined) {
    send(response, 404, { code: -1000, msg: "Not found." }, {});
    return;
  }
  const text = query + body;
  const values = parametersOf(query, body);
  if (values instanceof ApiError) {
    send(response, values.status, values.body(), {});
    return;
  }
  const key = request.headers["x-mbx-apikey"];
  const apiKey = typeof key === "string" ? key : undefined;
  const raw = { route, values, apiKey, payload: withoutSignature(text) };
  passFaults(parts.faults, parts.exchange.limits, new HttpExchange(parts, response, route, raw), parts.later);
}

class HttpExchange implements FaultyRequest {
  readonly about: Route["about"];
  readonly #parts: HttpDoorParts;
  readonly #response: ServerResponse;
  readonly #raw: Parameters<typeof runRequest>[1];
  #result: unknown;
  #account: Account | undefined;

  constructor(
    parts: HttpDoorParts,
    response: ServerResponse,
    route: Route,
    raw: Parameters<typeof runRequest>[1],
  ) {
    this.about = route.about;
    this.#parts = parts;
    this.#response = response;
    this.#raw = raw;
  }

  run(): void {
    const { result, account } = runRequest(this.#parts.exchange, this.#raw);
    this.#result = result;
    this.#account = account;
  }

  #headers(): Record<string, string> {
    const { limits, time } = this.#parts.exchange;
    return limits.headers(time.wireMs, this.#account?.name);
  }

  answer(): void {
    const result = this.#result;
    if (result instanceof ApiError) this.refuse(result);
    else send(this.#response, 200, result, this.#headers());
  }

  refuse(error: ApiError): void {
    const headers = this.#headers();
    if (error.retryAfterS !== undefined) headers["retry-after"] = `${error.retryAfterS}`;
    send(this.#response, error.status, error.body(), headers);
  }

  spoil(how: "cut" | "bloat"): void {
    const { result, status } = bodyOf(this.#result);
    const text = JSON.stringify(result);
    this.#response.writeHead(status, { "content-type": JSON_TYPE });
    if (how === "cut") this.#response.end(text.slice(0, Math.floor(text.length / 2)));
    else {
      this.#response.write(text);
      this.#response.end(Buffer.alloc(BLOAT_BYTES, 0x20));
    }
  }

  drop(): void {
    this.#response.destroy();
  }
}

function bodyOf(result: unknown): { result: unknown; status: number } {
  return result instanceof ApiError
    ? { result: result.body(), status: result.status }
    : { result, status: 200 };
}

function send(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string>,
): void {
  if (response.destroyed || response.headersSent) return;
  const text = JSON.stringify(body);
  response.writeHead(status, {
    ...headers,
    "content-type": JSON_TYPE,
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}

/** The body as text; undefined where it is too long. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const piece = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    bytes += piece.length;
    if (bytes <= BODY_BYTES_MAX) chunks.push(piece);
    else chunks.length = 0;
    if (bytes > DRAINED_BYTES_MAX) break;
  }
  return bytes > BODY_BYTES_MAX ? undefined : Buffer.concat(chunks).toString("utf8");
}

/** The parameters of a request, each once; of one that stands in both, the query's counts. */
function parametersOf(query: string, body: string): Map<string, string> | ApiError {
  const values = new Map<string, string>();
  for (const text of [body, query]) {
    const names = new Set<string>();
    for (const [name, value] of new URLSearchParams(text)) {
      if (names.has(name)) return new ApiError(-1101, `Duplicate values for parameter '${name}'.`);
      names.add(name);
      values.set(name, value);
    }
  }
  return values;
}

/** What was signed: query and body one after the other, as they were sent, without the signature. */
function withoutSignature(text: string): string {
  return text
    .split("&")
    .filter((part) => !part.startsWith("signature="))
    .join("&");
}
