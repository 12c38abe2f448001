/** Three threads, one ring: this one feeds prices, one journals them, and one trades on what is journaled, never before. */
import { isMainThread, Worker, workerData } from "node:worker_threads";
import { RingBuffer, type RingHandle, SlotCodec } from "tickwright/ring";

const codec = new SlotCodec({ ns: "i64Number", priceTicks: "i32", lots: "i32" });
const MESSAGES = 100_000;

function feed(): void {
  const journaled = new Int32Array(new SharedArrayBuffer(4));
  const ring = new RingBuffer({ capacity: 4096, threads: "cross", consumers: [{}, { after: [0] }] });
  for (const index of [0, 1]) {
    new Worker(new URL(import.meta.url), { workerData: { handle: ring.handle(), index, journaled } });
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

type Place = { handle: RingHandle; index: number; journaled: Int32Array };
function read({ handle, index, journaled }: Place): void {
  const ring = RingBuffer.attach(handle);
  const [consumer, message] = [ring.consumer(index), codec.view(ring)];
  let [count, sum, early] = [0, 0, 0];
  while (count < MESSAGES) {
    consumer.wait(1000); // spins a while, then sleeps
    count += consumer.drain((slot) => {
      sum += message.at(slot).priceTicks;
      if (index === 0) Atomics.store(journaled, 0, message.ns + 1);
      else if (Atomics.load(journaled, 0) <= message.ns) early++;
    });
  }
  console.log(
    `${index === 0 ? "journal" : "trader"}: ${count} messages, sum of prices ${sum}, ${early} too early`,
  );
}

if (isMainThread) feed();
else read(workerData);
