import { DATAGRAM_SLOT, type MulticastOptions, MulticastReceiver } from "../../src/host/index.ts";
import {
  MulticastSender,
  type NativeMulticastOptions,
  MulticastReceiver as NativeReceiver,
  nativeNowNs,
} from "../../src/host/native.ts";
import { RingBuffer } from "../../src/ring/index.ts";
import { freePort } from "../fixtures/multicast.ts";
import { type BenchResult, type BenchRow, ratioFields } from "./bench-row.ts";
import { roundTrips, type TcpManner } from "./net-tcp.ts";
import { quantile, spreadOf } from "./rounds.ts";

const GROUP = "239.195.6.1";
const ROUNDS = 5;
const BURSTS = 20;
const BURST = 1_000;
const SINGLES = 1_000;
const LENGTH = 64;
const PAST = 20_000_000_000n;

interface Body {
  readonly name: string;
  readonly open: (options: MulticastOptions) => Promise<{ close(): void }>;
  /** The consumer asks without end, or lets the event loop turn. */
  readonly isSpinning: boolean;
}

const native = (more: Partial<NativeMulticastOptions> = {}): Body["open"] => {
  return (options) => NativeReceiver.open({ ...options, ...more });
};
const BODIES: readonly Body[] = [
  { name: "native, consumer spins", open: native(), isSpinning: true },
  { name: "native, event loop", open: native(), isSpinning: false },
  { name: "native, busy poll 50 us", open: native({ busyPollUs: 50 }), isSpinning: false },
  { name: "dgram", open: (options) => MulticastReceiver.open(options), isSpinning: false },
];

interface Took {
  readonly rate: number;
  readonly cpuNs: number;
  readonly sentToHere: Float64Array;
  readonly kernelToHere: Float64Array;
}

/**
 * One receiver, sent to from this thread: bursts that fit into the kernel's buffer, then one at a time. While it sends,
 * the event loop stands and the native thread receives: that is part of what is compared.
 */
async function receive(body: Body): Promise<Took> {
  const ring = new RingBuffer({ capacity: 4096, slotBytes: 128, threads: "cross" });
  const port = await freePort();
  const place = { group: GROUP, interface: "127.0.0.1" };
  const receiver = await body.open({ ring, port, groups: [place], receiveBufferBytes: 8 << 20 });
  const sender = new MulticastSender({ ...place, port, ttl: 0 });
  const consumer = ring.consumer();
  const drained = async (count: number, visit?: () => void): Promise<void> => {
    const begin = nativeNowNs("monotonicRaw");
    for (let taken = 0, turns = 0; taken < count; turns++) {
      const found = consumer.available();
      if (found > 0) visit?.();
      consumer.release(found);
      taken += found;
      if (found === 0 && !body.isSpinning) await new Promise((resolve) => setImmediate(resolve));
      if (turns % 4096 === 4095 && nativeNowNs("monotonicRaw") - begin > PAST)
        throw new Error(`${body.name}: lost`);
    }
  };
  const bytes = new Uint8Array(BURST * LENGTH);
  const [cpu, begin] = [process.cpuUsage(), nativeNowNs("monotonicRaw")];
  let sendingUs = 0;
  for (let burst = 0; burst < BURSTS; burst++) {
    const before = process.threadCpuUsage();
    sender.send(bytes, LENGTH);
    const spent = process.threadCpuUsage(before);
    sendingUs += spent.user + spent.system;
    await drained(BURST);
  }
  const elapsedNs = Number(nativeNowNs("monotonicRaw") - begin);
  const { user, system } = process.cpuUsage(cpu);
  const [sentToHere, kernelToHere]: [number[], number[]] = [[], []];
  const view = DATAGRAM_SLOT.view(ring);
  const single = new Uint8Array(LENGTH);
  for (let each = 0; each < SINGLES; each++) {
    const sent = nativeNowNs("realtime");
    sender.send(single, LENGTH);
    await drained(1, () => {
      const now = nativeNowNs("realtime");
      sentToHere.push(Number(now - sent));
      const { kernelNs } = view.at(consumer.slot());
      if (kernelNs > 0n) kernelToHere.push(Number(now - kernelNs));
    });
  }
  receiver.close();
  sender.close();
  const total = BURSTS * BURST;
  return {
    rate: (total / elapsedNs) * 1e6,
    cpuNs: ((user + system - sendingUs) * 1000) / total,
    sentToHere: Float64Array.from(sentToHere),
    kernelToHere: Float64Array.from(kernelToHere),
  };
}

/** Multicast on loopback by native thread and by node:dgram; TCP_NODELAY, TCP_QUICKACK and busy poll beside none. */
export async function bench(): Promise<BenchResult> {
  const all = new Map<string, Took[]>(BODIES.map(({ name }) => [name, []]));
  for (const body of BODIES) await receive(body);
  for (let round = 0; round < ROUNDS; round++) {
    for (let turn = 0; turn < BODIES.length; turn++) {
      const body = BODIES[(turn + round) % BODIES.length] as Body;
      all.get(body.name)?.push(await receive(body));
    }
  }
  const others = BODIES.filter(({ name }) => name !== "dgram").map(({ name }) => name);
  const p50 = ({ sentToHere }: Took): number => quantile(sentToHere, 0.5);
  const p99 = ({ sentToHere }: Took): number => quantile(sentToHere, 0.99);
  const rows = [
    ...others.map((name) => compared(all, `bursts of ${BURST}`, name, "k/s", ({ rate }) => rate, false)),
    ...others.map((name) =>
      compared(all, "processor time to receive one", name, "ns", ({ cpuNs }) => cpuNs, true),
    ),
    ...others.map((name) => compared(all, "sent to JavaScript, p50", name, "ns", p50, true)),
    ...others.map((name) => compared(all, "sent to JavaScript, p99", name, "ns", p99, true)),
    ...(await tcpRows()),
  ];
  return { rows, notes: notes(all) };
}

function compared(
  all: Map<string, Took[]>,
  what: string,
  name: string,
  unit: string,
  figure: (took: Took) => number,
  isLessBetter: boolean,
): BenchRow {
  const [mine, theirs] = [name, "dgram"].map((each) => (all.get(each) ?? []).map(figure)) as [
    number[],
    number[],
  ];
  const ratios = mine
    .map((each, at) => each / (theirs[at] as number))
    .map((each) => (isLessBetter ? 1 / each : each));
  const medians = { ours: spreadOf(mine).median, peerValue: spreadOf(theirs).median };
  return { name: `${what}: ${name}`, unit, peer: "dgram", ...medians, ...ratioFields(spreadOf(ratios)) };
}

async function tcpRows(): Promise<BenchRow[]> {
  const none: TcpManner = { writes: 2 };
  const manners: readonly (readonly [string, number, TcpManner, TcpManner])[] = [
    ["TCP, request of 2 writes: noDelay", 20, { ...none, client: { noDelay: true } }, none],
    ["TCP, request of 2 writes: quickAck", 20, { ...none, server: { quickAck: true } }, none],
    ["TCP, request of 1 write: noDelay", 2000, { writes: 1, client: { noDelay: true } }, { writes: 1 }],
    ["TCP, request of 1 write: quickAck", 2000, { writes: 1, server: { quickAck: true } }, { writes: 1 }],
    [
      "TCP, request of 1 write: busy poll 50 us",
      2000,
      { writes: 1, client: { busyPollUs: 50 } },
      { writes: 1 },
    ],
  ];
  const rows: BenchRow[] = [];
  for (const [name, count, manner, plain] of manners) {
    const [mine, theirs]: [number[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      mine.push(quantile(await roundTrips(count, manner), 0.5));
      theirs.push(quantile(await roundTrips(count, plain), 0.5));
    }
    const ratios = mine.map((each, at) => (theirs[at] as number) / each);
    const medians = { ours: spreadOf(mine).median, peerValue: spreadOf(theirs).median };
    rows.push({ name, unit: "ns", peer: "not tuned", ...medians, ...ratioFields(spreadOf(ratios)) });
  }
  return rows;
}

function notes(all: Map<string, Took[]>): string[] {
  const stamped = [...all].flatMap(([name, each]) => {
    const times = each.map(({ kernelToHere }) => kernelToHere).filter(({ length }) => length > 0);
    if (times.length === 0) return [];
    const [p50, p99] = [0.5, 0.99].map((share) =>
      spreadOf(times.map((of) => quantile(of, share))).median.toFixed(0),
    );
    return [`${name}: kernel's stamp to JavaScript p50 ${p50} ns, p99 ${p99} ns`];
  });
  return [
    ...stamped,
    "dgram gives no stamp of the kernel's; its event loop stands while bursts are sent, the native thread receives",
    "processor time: of the whole process but for the calls that send",
    "loopback: no card, so busy polling has nothing to poll; sender and receiver share the machine",
  ];
}
