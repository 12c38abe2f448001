import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import { EventEmitter } from "eventemitter3";
import { Fault } from "../base/index.ts";
import { threadFlags, threadModule } from "../host/index.ts";
import { FIRM_SCOPE, type KillLevel } from "../risk/index.ts";
import {
  CONTROL,
  type KillAgentState,
  KillControl,
  KillTrigger,
  type KillTriggerParts,
  monotonicNs,
  STAMP,
} from "./kill-agent-control.ts";
import { textOf } from "./kill-agent-link.ts";
import type { KillAgentMessage, KillWorkerData } from "./kill-agent-message.ts";
import { type KillAgentOptions, type KillAgentPlan, planKillAgent } from "./kill-agent-options.ts";
import type { KillAgentReport } from "./kill-agent-report.ts";

/** How long a thread may take to close its sessions before it is ended. */
const CLOSE_MS = 2000;
const YOUNG_MB = 64;

/** What a {@link KillAgent} tells those who listen, once the main thread can listen. */
export interface KillAgentEvents {
  report: (report: KillAgentReport) => void;
  /** The agent's thread is gone although nobody closed it: there is no second line until another is started. */
  failed: (cause: Error) => void;
}

/** One venue's figures, as they stand in shared memory. */
export interface KillVenueFigures {
  readonly venue: string;
  readonly isHealthy: boolean;
  readonly requested: number;
  readonly handed: number;
  readonly confirmed: number;
}

/** Where a kill agent is, read from shared memory: true also while its thread is busy. */
export interface KillAgentStatus {
  readonly state: KillAgentState;
  /** Kills begun. */
  readonly kills: number;
  /** Messages that asked for nothing known, and what sessions threw where nobody caught it. */
  readonly troubles: number;
  readonly venues: readonly KillVenueFigures[];
}

/**
 * A thread of its own that cancels when the latch closes: it has its own cancel-only sessions, reads the open
 * orders from shared memory, and needs nothing of the thread that trades, which may hang or be dead.
 *
 * It keeps its process alive until `close`.
 *
 * @invariant It only ever sets the latch. Lifting is for people; while the latch is on, orders that come up on the
 * board are canceled too.
 * @invariant A venue that is dead, slow or throws holds up no other.
 * @throws `FAULT_CONFIG` naming the option; from `ready`, also for a module without `openCancelSession`.
 * @cost Looks at the latch `1000 / pollMs` times a second: about 3 % of a core with 1 ms and 5 venues, 1.4 % with 5 ms.
 * @source RTS 6 (EU 2017/589) article 12, kill functionality; SEC 15c3-5(c)(1)
 */
export class KillAgent extends EventEmitter<KillAgentEvents> {
  /** What a {@link KillTrigger} is made of: post it to any thread that may have to pull. */
  readonly trigger: KillTriggerParts;
  readonly #plan: KillAgentPlan;
  readonly #control: KillControl;
  readonly #pull: KillTrigger;
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #ready: Promise<void>;
  #settle: { readonly done: () => void; readonly fail: (cause: Error) => void } | undefined = undefined;
  #report: KillAgentReport | undefined = undefined;
  #isClosing = false;
  #isGone = false;

  constructor(options: KillAgentOptions) {
    super();
    const plan = planKillAgent(options);
    this.#plan = plan;
    this.#control = new KillControl(plan.sessions.length);
    this.trigger = { latch: plan.latch, control: this.#control.buffer };
    this.#pull = new KillTrigger(this.trigger);
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#ready = new Promise((done, fail) => {
      this.#settle = { done, fail };
    });
    // Nobody needs to wait for `ready`: a failure is told by `failed` and the state as well.
    this.#ready.catch(() => undefined);
    this.#worker = startWorker(options.workerUrl, {
      plan,
      control: this.#control.buffer,
      port: port2,
    });
    this.#port.on("message", (message: KillAgentMessage) => this.#heard(message));
    this.#worker.on("error", (cause) =>
      this.#ended(cause instanceof Error ? cause : new Error(String(cause))),
    );
    this.#worker.on("exit", () =>
      this.#ended(new Fault("FAULT_IO", { path: "killAgent", expected: "a thread" })),
    );
  }

  /** Resolves when the agent watches and each session came up or said why not: look at `status` for which. */
  async ready(): Promise<void> {
    await this.#ready;
  }

  /** Where the agent is, and each venue. */
  get status(): KillAgentStatus {
    const { words } = this.#control;
    return {
      state: this.#control.state,
      kills: Atomics.load(words, CONTROL.kills),
      troubles: Atomics.load(words, CONTROL.troubles),
      venues: this.#plan.sessions.map(({ venue }, i) => ({
        venue,
        isHealthy: this.#control.figure(i, "healthy") === 1,
        requested: this.#control.figure(i, "requested"),
        handed: this.#control.figure(i, "handed"),
        confirmed: this.#control.figure(i, "confirmed"),
      })),
    };
  }

  /** The newest report, read at once, also in the turn in which the main thread comes back; undefined before one. */
  get report(): KillAgentReport | undefined {
    this.#drain();
    return this.#report;
  }

  /** Kills from this thread: the latch is closed when it returns. Says whether that changed anything. */
  activate(scope: number = FIRM_SCOPE, level: KillLevel = 2): boolean {
    return this.#pull.pull(scope, level);
  }

  /** A way to kill by message, a {@link KillMessage}; transfer it to a thread that can post and not share memory. */
  openChannel(): MessagePort {
    const { port1, port2 } = new MessageChannel();
    this.#worker.postMessage({ channel: port1 }, [port1]);
    return port2;
  }

  /** The main thread is alive: for the dead man's switch, which counts from the first call. One atomic store. */
  beat(): void {
    Atomics.store(this.#control.stamps, STAMP.beat, monotonicNs());
  }

  /** Ends the agent: its sessions are closed, nothing is canceled, a latch that is on stays on. */
  async close(): Promise<void> {
    if (this.#isClosing) return;
    this.#isClosing = true;
    if (!this.#isGone) {
      const over = new Promise<void>((done) => {
        this.#worker.once("exit", () => done());
      });
      this.#worker.postMessage({ stop: true });
      const late = setTimeout(() => void this.#worker.terminate(), CLOSE_MS);
      await over;
      clearTimeout(late);
    }
    this.#port.close();
  }

  #drain(): void {
    for (
      let got = receiveMessageOnPort(this.#port);
      got !== undefined;
      got = receiveMessageOnPort(this.#port)
    ) {
      this.#heard(got.message as KillAgentMessage);
    }
  }

  #heard(message: KillAgentMessage): void {
    if (message.kind === "ready") this.#settle?.done();
    else if (message.kind === "report") {
      this.#report = message.report;
      this.emit("report", message.report);
    } else {
      const { path, value, expected } = message;
      this.#fail(new Fault("FAULT_CONFIG", { path, value, expected }));
    }
  }

  #ended(cause: Error): void {
    this.#isGone = true;
    if (this.#isClosing) return;
    // A fault that the thread told before it went is the better reason.
    this.#drain();
    this.#fail(cause);
    this.#port.close();
  }

  #fail(cause: Error): void {
    this.#settle?.fail(cause);
    if (this.#control.state === "failed") return;
    this.#control.state = "failed";
    this.emit("failed", cause);
  }
}

function startWorker(url: string | URL | undefined, data: KillWorkerData): Worker {
  try {
    return new Worker(new URL(url ?? threadModule(import.meta.url, "run", "kill-agent-worker")), {
      workerData: data,
      transferList: [data.port],
      // Room for all that a kill makes: no collection of garbage while cancels leave.
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
      execArgv: threadFlags(),
    });
  } catch (cause) {
    const expected = "a thread's URL, and options of sessions that can be copied";
    throw new Fault("FAULT_CONFIG", { path: "killAgent", value: textOf(cause), expected, cause });
  }
}
