/** Three threads, one ring: this one feeds prices, one journals them, and one trades on what is journaled, never before. */
import { isMainThread, Worker, workerData } from "node:worker_threads";
import { RingBuffer, type RingHandle, SlotCodec } from "tickwright/ring";

const codec = new SlotCodec({ ns: "i64Number", priceTicks: "i32", lots: "i32" });
const MESSAGES = 100_000;

function feed(): void {
  const ring = new RingBuffer({ capacity: 4096, threads: "cross", consumers: [{}, { after: [0] }] });
  for (const index of [0, 1]) {
    new Worker(new URL(import.meta.url), { workerData: { handle: ring.handle(), index } });
  }
  const [producer, message] = [ring.producer(), codec.view(ring)];
  for (let n = 0; n < MESSAGES; ) {
    const slot = producer.claim();
    if (slot < 0) {
      producer.wait(1, 1000); // full: nothing unread is overwritten
      continue;
    }
    message.at(slot).ns = n;
    message.priceTicks = 10_000 + (n++ % 7);
    message.lots = 1;
    producer.commit();
  }
  producer.flush(); // the end of a turn
}

function read({ handle, index }: { handle: RingHandle; index: number }): void {
  const ring = RingBuffer.attach(handle);
  const [consumer, message] = [ring.consumer(index), codec.view(ring)];
  let [count, sum] = [0, 0];
  while (count < MESSAGES) {
    consumer.wait(1000); // spins a while, then sleeps
    count += consumer.drain((slot) => (sum += message.at(slot).priceTicks));
  }
  console.log(`${index === 0 ? "journal" : "trader"}: ${count} messages, sum of prices ${sum}`);
}

if (isMainThread) feed();
else read(workerData);
