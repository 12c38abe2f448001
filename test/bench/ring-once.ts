// One measurement of the ring between this thread and a worker, in a fresh process: prints a Once as JSON.
// Arguments: stream <kind> <capacity> <consumers> | alone <same|cross> | trips <kind> [beside] | posts |
// flow <messages a second> [flush].
import { fileURLToPath } from "node:url";
import { isMainThread, type MessagePort, parentPort, Worker, workerData } from "node:worker_threads";
import { type FlowWork, flow, stampAll } from "./ring/flow.ts";
import { alone, type Hired, readStream, type StreamKind, type StreamWork, stream } from "./ring/stream.ts";
import {
  besideNeighbour,
  echo,
  echoPosts,
  posts,
  type TripKind,
  type TripWork,
  trips,
} from "./ring/trips.ts";
import { CAPACITY, type Once } from "./ring/work.ts";

type Work = StreamWork | TripWork | FlowWork | { readonly role: "echo-posts" };

async function measure([what = "", kind = "", ...rest]: readonly string[]): Promise<Once> {
  if (what === "stream") {
    const [capacity = CAPACITY, consumers = 1] = rest.map(Number);
    return stream(kind as StreamKind, capacity, consumers, hire);
  }
  if (what === "alone") return alone(kind as "same" | "cross");
  if (what === "flow") return flow(Number(kind), rest[0] === "flush", hire);
  if (what === "posts") return posts(() => hire({ role: "echo-posts" }));
  if (what !== "trips") throw new Error(`nothing is called ${what}`);
  const measured = (): Promise<Once> => trips(kind as TripKind, hire);
  return rest[0] === "beside" ? besideNeighbour(measured) : measured();
}

function hire(work: Work): Hired & { readonly thread: Worker } {
  const thread = new Worker(fileURLToPath(import.meta.url), { workerData: work });
  const ready = new Promise((done) => thread.once("message", done));
  const ended = ready.then(() => new Promise((done) => thread.once("message", done)));
  return { thread, ready, ended };
}

function work(told: Work, port: MessagePort): void {
  const ready = (): void => port.postMessage("ready");
  if (told.role === "echo-posts") {
    echoPosts(port);
    ready();
  } else if (told.role === "echo") {
    echo(told, ready);
    port.postMessage("ended");
  } else if (told.role === "stamp") port.postMessage(stampAll(told, ready));
  else port.postMessage(readStream(told, ready));
}

if (isMainThread) console.log(JSON.stringify(await measure(process.argv.slice(2))));
else work(workerData as Work, parentPort as MessagePort);
