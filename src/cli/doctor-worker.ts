import { parentPort, workerData } from "node:worker_threads";
import { RingBuffer, type RingHandle } from "../ring/index.ts";

/** The other end of a round trip: sends back what comes. */
const { there, back, count }: { there: RingHandle; back: RingHandle; count: number } = workerData;
const [first, second] = [RingBuffer.attach(there), RingBuffer.attach(back)];
const [consumer, producer] = [first.consumer(0, { spins: 20_000 }), second.producer({ spins: 20_000 })];
parentPort?.postMessage("ready");
for (let n = 0; n < count; n++) {
  while (consumer.wait(1000) === 0);
  second.f64[producer.claim() * 8] = first.f64[consumer.slot() * 8] as number;
  consumer.release(1);
  producer.publish();
}
