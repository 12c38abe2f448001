import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { describeNative } from "../fixtures/native-here.ts";

const isLinux = process.platform === "linux";
if (!isLinux)
  console.log("left out, not Linux: how long memory, threads and descriptors of native code live");
const file = fileURLToPath(new URL("../fixtures/native-lifetime.ts", import.meta.url));

/** What a process of one scene saw, and how it ended. */
function scene(name: string): {
  readonly saw: unknown;
  readonly status: number | null;
  readonly signal: string | null;
} {
  const args = ["--expose-gc", "--conditions=tickwright-source", file, name];
  const { stdout, stderr, status, signal } = spawnSync(process.execPath, args, {
    encoding: "utf8",
    timeout: 60_000,
  });
  if (status !== 0) console.error(stderr);
  const last = stdout.trim().split("\n").at(-1) ?? "";
  return { saw: last === "" ? undefined : JSON.parse(last), status, signal };
}

const whole = { status: 0, signal: null };

const describeHere = isLinux ? describeNative : describe.skip;

describeHere("native code", () => {
  it.each(["wait", "exchange"])("outlives a thread that ends with a %s under way", (name) => {
    expect(scene(name)).toEqual({ saw: "lives", ...whole });
  });

  it("keeps the addresses of memory that was moved to another thread, when the one that mapped it ends", () => {
    // Nothing of the ring is there any longer; who writes there writes to nobody.
    const alone = [-1, 7];
    expect(scene("transferred")).toEqual({ saw: [alone, alone, alone, "DataCloneError"], ...whole });
  });

  it("gives memory another buffer when the one before was collected", () => {
    expect(scene("collectedBuffer")).toEqual({ saw: [0, 1, 2], ...whole });
  });

  it("refuses a wait for which there is no thread; the others end", () => {
    const EAGAIN = -11;
    expect(scene("noThread")).toEqual({ saw: { refused: EAGAIN, ended: 1 }, ...whole });
  });

  it("receives multicast when nobody names the receiver", () => {
    expect(scene("namelessReceiver")).toEqual({ saw: { before: 1, after: 1, canCollect: true }, ...whole });
  });

  it("keeps no descriptor of a ring that could not be made or opened", () => {
    const { saw, ...end } = scene("failedCreate");
    expect(end).toEqual(whole);
    expect(saw).toEqual({
      kept: 0,
      refused: [
        expect.stringContaining("/ring, a process has it open"),
        expect.stringContaining("/other"),
        expect.stringContaining("/none: ENOENT"),
      ],
    });
  });

  it("closes a ring whose file it cannot remove, and says so once", () => {
    expect(scene("unremovable")).toEqual({ saw: { said: "FAULT_IO true", fd: -1, kept: 0 }, ...whole });
  });
});
