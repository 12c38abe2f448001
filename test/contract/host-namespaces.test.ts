import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeNative } from "../fixtures/native-here.ts";

const RECEIVE = new URL("../fixtures/multicast-receive.ts", import.meta.url);
const SEND = new URL("../fixtures/multicast-send.ts", import.meta.url);
const TOTAL = 20_000;
const PORT = "30711";
const NAMES = [`twa${process.pid}`, `twb${process.pid}`] as const;
const [LEFT, RIGHT] = NAMES;

function ip(...args: readonly string[]): string | undefined {
  const { status, stderr, error } = spawnSync("ip", args, { encoding: "utf8" });
  return status === 0 ? undefined : (error?.message ?? stderr.trim());
}

/** Why there are no namespaces here; undefined where there are. */
function whyNot(): string | undefined {
  if (process.platform !== "linux") return "not Linux";
  const trouble = ip("netns", "add", `${LEFT}x`);
  if (trouble !== undefined) return trouble;
  const pair = ip("-n", `${LEFT}x`, "link", "add", "twx", "type", "veth", "peer", "name", "twy");
  ip("netns", "del", `${LEFT}x`);
  return pair;
}

const reason = whyNot();
if (reason !== undefined)
  console.log(`left out, no network namespaces here (${reason}): multicast over a veth pair`);

(reason === undefined ? describeNative : describe.skip)(
  "multicast from one network namespace to another",
  () => {
    beforeAll(() => {
      const steps = [
        ["netns", "add", LEFT],
        ["netns", "add", RIGHT],
        ["link", "add", "twl", "netns", LEFT, "type", "veth", "peer", "name", "twr", "netns", RIGHT],
        ["-n", LEFT, "addr", "add", "10.195.8.1/24", "dev", "twl"],
        ["-n", RIGHT, "addr", "add", "10.195.8.2/24", "dev", "twr"],
        ["-n", LEFT, "link", "set", "twl", "up"],
        ["-n", RIGHT, "link", "set", "twr", "up"],
      ];
      expect(steps.map((step) => ip(...step))).toEqual(steps.map(() => undefined));
    });
    afterAll(() => {
      for (const name of NAMES) ip("netns", "del", name);
    });

    const inside = (name: string, file: URL, ...args: readonly string[]) => {
      const node = [process.execPath, "--conditions=tickwright-source", file.pathname];
      return spawn("ip", ["netns", "exec", name, ...node, ...args], { stdio: ["ignore", "pipe", "inherit"] });
    };

    it("comes whole, in order, with the kernel's times, by an interface's name", {
      timeout: 60_000,
    }, async () => {
      const receiver = inside(RIGHT, RECEIVE, "twr", PORT, String(TOTAL));
      const lines = createInterface({ input: receiver.stdout })[Symbol.asyncIterator]();
      expect((await lines.next()).value).toBe("ready");
      const sender = inside(LEFT, SEND, "twl", PORT, String(TOTAL));
      const [code] = await once(sender, "exit");
      expect(code).toBe(0);
      expect(JSON.parse(String((await lines.next()).value))).toEqual({
        taken: TOTAL,
        wrong: 0,
        sources: [0x0ac30801],
        droppedByRing: 0,
        droppedByKernel: 0,
        hardwareStamped: 0,
      });
    });
  },
);
