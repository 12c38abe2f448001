import type { CancelSession, CancelSessionEvents } from "../port/index.ts";
import type { OpenCancelSession } from "./kill-agent-session.ts";

const MS = 1e6;
/** Heartbeats without a sign of life after which a session counts as dead and another is opened. */
const SILENT_BEATS = 3;

/** How a {@link KillLink} keeps its session. */
export interface KillLinkOptions {
  readonly open: OpenCancelSession;
  readonly options: unknown;
  readonly heartbeatMs: number;
  /** Ns that never fall. */
  readonly clock: () => number;
  /** What is told beside health: cancels, rejections, open orders. */
  readonly events: Pick<CancelSessionEvents, "canceled" | "rejected" | "open">;
  /** A new session is up: what the last one was given may be lost. */
  readonly onUp: () => void;
}

/** A session and what is known of its life. */
interface Line {
  session: CancelSession | undefined;
  openedNs: number;
  aliveNs: number;
}

/**
 * One venue's session kept open and warm: opened, beaten, found silent, replaced. A silent session stays in use
 * until the next one is up: it may be only its answers that are lost.
 *
 * @invariant What a session throws stays here: it is dropped, told as `trouble`, and opened again.
 */
export class KillLink {
  readonly #options: KillLinkOptions;
  #line: Line | undefined = undefined;
  #next: Line | undefined = undefined;
  #beatNs = 0;
  #retryNs = Number.NEGATIVE_INFINITY;
  #isClosed = false;
  /** What went wrong last; empty where nothing did. */
  trouble = "";

  constructor(options: KillLinkOptions) {
    this.#options = options;
  }

  get isUp(): boolean {
    return this.#line !== undefined;
  }

  /** Up, and a sign of life within the last three heartbeats. */
  get isHealthy(): boolean {
    return this.aliveNs >= 0 && this.#options.clock() - this.aliveNs < this.#silentNs;
  }

  /** When the session last gave a sign of life; -1 before the first. */
  get aliveNs(): number {
    return this.#line?.aliveNs ?? -1;
  }

  /** Opens, beats or replaces the session, as is due. */
  tick(): void {
    const nowNs = this.#options.clock();
    const line = this.#line;
    const next = this.#next;
    if (next !== undefined && nowNs - next.openedNs > this.#silentNs) {
      this.#next = undefined;
      this.#fail("no session was opened in time");
    }
    const isSilent = line === undefined || nowNs - Math.max(line.openedNs, line.aliveNs) > this.#silentNs;
    if (isSilent && this.#next === undefined && nowNs >= this.#retryNs) {
      if (line !== undefined) this.#fail("the venue is silent");
      this.#open();
    }
    if (line === undefined || nowNs - this.#beatNs < this.#options.heartbeatMs * MS) return;
    this.#beatNs = nowNs;
    this.use((session) => session.heartbeat(), undefined);
  }

  /** Does something with the session; where there is none, or it throws, the result is `otherwise`. */
  use<Value>(work: (session: CancelSession) => Value, otherwise: Value): Value {
    const line = this.#line;
    if (line?.session === undefined) return otherwise;
    try {
      return work(line.session);
    } catch (cause) {
      this.#down(line, textOf(cause));
      return otherwise;
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#retryNs = Number.POSITIVE_INFINITY;
    const line = this.#line;
    this.#line = this.#next = undefined;
    closeQuietly(line?.session);
  }

  get #silentNs(): number {
    return SILENT_BEATS * this.#options.heartbeatMs * MS;
  }

  #open(): void {
    const line: Line = { session: undefined, openedNs: this.#options.clock(), aliveNs: -1 };
    this.#next = line;
    const { open, options } = this.#options;
    const opening = async (): Promise<CancelSession> => await open(options, this.#eventsOf(line));
    opening().then(
      (session) => this.#opened(line, session),
      (cause: unknown) => this.#down(line, textOf(cause)),
    );
  }

  #opened(line: Line, session: CancelSession): void {
    if (line !== this.#next || this.#isClosed) {
      closeQuietly(session);
      return;
    }
    const old = this.#line;
    this.#next = undefined;
    this.#line = line;
    line.session = session;
    line.openedNs = this.#options.clock();
    this.#beatNs = line.openedNs;
    closeQuietly(old?.session);
    this.#options.onUp();
    this.use((each) => each.heartbeat(), undefined);
  }

  #eventsOf(line: Line): CancelSessionEvents {
    const { events, clock } = this.#options;
    const heard = (): void => {
      line.aliveNs = clock();
    };
    return {
      alive: heard,
      canceled: (id) => {
        heard();
        events.canceled(id);
      },
      rejected: (id, reason) => {
        heard();
        events.rejected(id, reason);
      },
      open: (ids) => {
        heard();
        // Answers are matched with questions by their order, which holds within one session only.
        if (line === this.#line) events.open(ids);
      },
      down: (reason) => this.#down(line, reason),
    };
  }

  #down(line: Line, why: string): void {
    if (line === this.#next) this.#next = undefined;
    else if (line === this.#line) this.#line = undefined;
    else return;
    this.#fail(why);
    closeQuietly(line.session);
  }

  #fail(why: string): void {
    this.trouble = why;
    this.#retryNs = Math.max(this.#retryNs, this.#options.clock() + (this.#options.heartbeatMs * MS) / 4);
  }
}

function closeQuietly(session: CancelSession | undefined): void {
  try {
    session?.close();
  } catch {
    // It is gone either way, and nothing can be done about it here.
  }
}

/** What was thrown, in words. */
export function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
