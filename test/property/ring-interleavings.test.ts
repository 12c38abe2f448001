import { afterAll, expect, test } from "vitest";
import { copyOfRing, type Planted, removeCopies } from "../fixtures/ring-copy.ts";
import { explore, type Scenario } from "../fixtures/ring-model.ts";
import { joinLate, type Plan, type RingCode, removeReader, sendAll } from "../fixtures/ring-scenarios.ts";

// The ring's own code, in every interleaving of its operations, over a modelled memory: each message is read once,
// whole and in order by each consumer, none is overwritten before, nobody sleeps for ever. Numbers wrap on the way.

afterAll(removeCopies);

const TIMEOUT_MS = 120_000;

test.each<[string, Plan]>([
  ["one message at a time", { capacity: 2, sends: [5], after: [0] }],
  ["unsigned numbers that wrap to 0", { capacity: 2, sends: [4], after: [0], firstSequence: -2 }],
  ["two messages at a time", { capacity: 4, sends: [6], after: [0], claim: 2, batch: 2 }],
  ["pending messages", { capacity: 4, sends: [5], after: [0], batch: 3 }],
  ["fewer slots than a batch", { capacity: 2, sends: [4], after: [0], batch: 8 }],
  ["a stream", { capacity: 2, sends: [5], after: [0], batch: 3, isStream: true }],
  ["two streams", { capacity: 2, sends: [2, 1], after: [0], isStream: true }],
  ["two consumers", { capacity: 2, sends: [2], after: [0, 0] }],
  ["two consumers that gate", { capacity: 2, sends: [3], after: [0, 0], batch: 8 }],
  ["one behind the other", { capacity: 2, sends: [2], after: [0, 1] }],
  ["two producers", { capacity: 2, sends: [2, 1], after: [0] }],
  ["a run beside a message", { capacity: 4, sends: [4, 1], after: [0], claim: 2 }],
])(
  "%s",
  async (_what, plan) => {
    const { states, ends, violation } = explore(sendAll(await copyOfRing(), plan));
    expect(violation).toBeUndefined();
    expect(states).toBeGreaterThan(500);
    expect(ends).toBeGreaterThan(0);
  },
  TIMEOUT_MS,
);

test.each<[string, (code: RingCode) => Scenario]>([
  ["a consumer that is removed while it reads", removeReader],
  ["a consumer that joins while messages flow", joinLate],
])(
  "%s",
  async (_what, scenario) => {
    const { states, violation } = explore(scenario(await copyOfRing()));
    expect(violation).toBeUndefined();
    expect(states).toBeGreaterThan(500);
  },
  TIMEOUT_MS,
);

const ONE: Plan = { capacity: 2, sends: [4], after: [0] };
const TWO: Plan = { capacity: 2, sends: [3], after: [0, 0] };
const CHAIN: Plan = { capacity: 2, sends: [2], after: [0, 1] };
const MANY: Plan = { capacity: 2, sends: [2, 2], after: [0] };

test.each<[string, string, Planted[], Plan | ((code: RingCode) => Scenario)]>([
  ["a commit before the write", "race", [], { ...ONE, mistake: "commit before the write" }],
  ["a release before the read", "race", [], { ...ONE, mistake: "release before the read" }],
  [
    "a read without a look at the head",
    "FAULT_INVARIANT ring.producer",
    [plant("ring-consumer", "this.#limit = this.#readable();", "this.#limit = (this.#next + 1) | 0;")],
    ONE,
  ],
  [
    "one slot too many",
    "race",
    [
      plant(
        "single-producer",
        "this.#refreshLimit();\n    return count <= ((this.#limit - this.#next) | 0);",
        "this.#refreshLimit();\n    return count <= ((this.#limit - this.#next) | 0) + 1;",
      ),
    ],
    ONE,
  ],
  [
    "going to sleep without another look",
    "deadlock",
    [
      plant(
        "ring-wait",
        "if (this.#isReady()) return true;\n        this.#parks++;\n        isTimedOut",
        "isTimedOut",
      ),
    ],
    ONE,
  ],
  [
    "a signal that is read after the last look",
    "deadlock",
    [
      plant(
        "ring-wait",
        "this.#words.wait(this.#event + 1, signal,",
        "this.#words.wait(this.#event + 1, this.#words.load(this.#event + 1),",
      ),
    ],
    ONE,
  ],
  [
    "a look for sleepers before the head is written",
    "deadlock",
    [
      plant(
        "single-producer",
        "this.#memory.words.store(HEAD, next);",
        "wake(this.#memory.words, DATA); this.#memory.words.store(HEAD, next);",
      ),
      plant("single-producer", "this.#aim();\n    wake(this.#memory.words, DATA);", "this.#aim();"),
    ],
    ONE,
  ],
  [
    "a release that wakes no producer",
    "deadlock",
    [plant("ring-consumer", "    wake(words, SPACE);\n", "")],
    ONE,
  ],
  [
    "a wake-up that does not raise the signal",
    "deadlock",
    [plant("ring-wait", "  words.add(event + 1, 1);\n", "")],
    ONE,
  ],
  [
    "pending messages that a full ring keeps",
    "deadlock",
    [
      plant(
        "single-producer",
        "checkCount(count, this.#capacity);\n    this.#publishPending(this.#batch);\n    this.#wanted",
        "this.#wanted",
      ),
      plant("single-producer", "    this.#publishPending(this.#batch);\n    this.#refusals++;", ""),
    ],
    { ...ONE, batch: 8 },
  ],
  [
    "a gate that is the fastest consumer",
    "race",
    [plant("ring-membership", "((position - least) | 0) < 0", "((position - least) | 0) > 0")],
    TWO,
  ],
  [
    "a gate that is the first consumer",
    "race",
    [plant("ring-membership", "((mask >>> consumer) & 1) === 0", "consumer > 0")],
    TWO,
  ],
  [
    "positions compared as if they did not wrap",
    "race",
    [plant("ring-membership", "((position - least) | 0) < 0", "position < least")],
    TWO,
  ],
  [
    "a stage that reads behind the producer",
    "1 was read before its stage",
    [plant("ring-consumer", "if (this.#after !== 0) {", "if (this.#after < 0) {")],
    CHAIN,
  ],
  [
    "a claim that is no exchange",
    "",
    [
      plant(
        "multi-producer",
        "if (words.compareExchange(HEAD, first, (first + count) | 0) !== first) continue;",
        "words.store(HEAD, (first + count) | 0);",
      ),
    ],
    MANY,
  ],
  [
    "a run that is published before its length",
    "race",
    [
      plant(
        "multi-producer",
        "    words.put(run + 1, count);\n    words.store(run, this.#first);",
        "    words.store(run, this.#first);\n    words.put(run + 1, count);",
      ),
    ],
    MANY,
  ],
  [
    "a removal that the removed one does not see",
    "the removed one released",
    [
      plant(
        "ring-consumer",
        "if (words.load(layout.state(this.index)) !== this.#token) throw this.#expired();\n    const next",
        "const next",
      ),
      plant("ring-consumer", "words.load(layout.state(this.index)) !== this.#token || before", "before"),
    ],
    removeReader,
  ],
  [
    "a late one that stays where it first looked",
    "race",
    [
      plant(
        "ring-membership",
        "    words.store(layout.position(consumer), words.load(HEAD));\n    return",
        "    return",
      ),
    ],
    joinLate,
  ],
])(
  "finds %s",
  async (_what, found, planted, plan) => {
    const code = await copyOfRing(planted);
    const { violation } = explore(typeof plan === "function" ? plan(code) : sendAll(code, plan));
    expect(violation).toMatch(new RegExp(`^${found}`));
  },
  TIMEOUT_MS,
);

function plant(file: string, from: string, to: string): Planted {
  return { file: `${file}.ts`, from, to };
}
