/** The kill agent's thread: started by `KillAgent`, never imported. */
import process from "node:process";
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { CONTROL, KillControl, KillTrigger, monotonicNs } from "./kill-agent-control.ts";
import { textOf } from "./kill-agent-link.ts";
import { KillAgentLoop } from "./kill-agent-loop.ts";
import { checkKillMessage, type KillAgentMessage, type KillWorkerData } from "./kill-agent-message.ts";
import { rehearse } from "./kill-agent-rehearsal.ts";
import type { OpenCancelSession } from "./kill-agent-session.ts";

const { plan, control: buffer, port } = workerData as KillWorkerData;
const orders = parentPort as MessagePort;
const control = new KillControl(buffer);
const trigger = new KillTrigger({ latch: plan.latch, control: buffer });
let isStopping = false;

function say(message: KillAgentMessage): void {
  port.postMessage(message);
}

function troubled(): void {
  Atomics.add(control.words, CONTROL.troubles, 1);
}

/** A kill asked for by message, from the maker or from any thread that was given a channel. */
function asked(message: unknown): void {
  const kill = checkKillMessage(message);
  if (kill === undefined) return troubled();
  try {
    trigger.pullAt(kill.scope, kill.level, kill.askedNs ?? monotonicNs());
  } catch {
    troubled();
  }
}

orders.on("message", (message: { readonly stop?: true; readonly channel?: MessagePort }) => {
  if (message.stop === true) isStopping = true;
  else if (message.channel !== undefined) message.channel.on("message", asked);
  else asked(message);
});

// A session that fails where nobody listens must not end the agent, which has the other venues to look after.
process.on("uncaughtException", troubled);

async function openers(): Promise<OpenCancelSession[] | undefined> {
  const found: OpenCancelSession[] = [];
  for (const [i, { module }] of plan.sessions.entries()) {
    const path = `killAgent.sessions[${i}].module`;
    try {
      const exports = (await import(module)) as { readonly openCancelSession?: unknown };
      if (typeof exports.openCancelSession !== "function") {
        say({ kind: "fault", path, value: module, expected: "a module that exports openCancelSession()" });
        return undefined;
      }
      found.push(exports.openCancelSession as OpenCancelSession);
    } catch (cause) {
      say({ kind: "fault", path, value: textOf(cause), expected: "a module that can be imported" });
      return undefined;
    }
  }
  return found;
}

async function watch(loop: KillAgentLoop): Promise<void> {
  const word = new Int32Array(plan.latch);
  const giveUpNs = monotonicNs() + BigInt(plan.heartbeatMs) * 3_000_000n;
  let isReady = false;
  control.state = "armed";
  while (!isStopping) {
    const isMore = loop.step();
    if (!isReady && (loop.isTried || monotonicNs() > giveUpNs)) {
      isReady = true;
      // Who waited for this reads the figures at once.
      loop.tell();
      say({ kind: "ready" });
    }
    const wait = isMore ? undefined : Atomics.waitAsync(word, 0, loop.word, plan.pollMs);
    if (wait?.async === true) await wait.value;
    else await new Promise<void>((done) => setImmediate(done));
  }
  loop.close();
  control.state = "stopped";
}

const opens = await openers();
if (opens !== undefined) {
  await rehearse(plan);
  await watch(new KillAgentLoop(plan, control, opens, (report) => say({ kind: "report", report })));
}
// Sessions get a turn to say goodbye; then whatever they left open must not keep the thread.
await new Promise<void>((done) => setImmediate(done));
process.exit();
