import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { nativeDoor } from "../../src/base/native.ts";
import { tuneSocket } from "../../src/host/native.ts";
import { describeNative } from "../fixtures/native-here.ts";

const isLinux = process.platform === "linux";
if (!isLinux) console.log("left out, not Linux: options of a TCP socket");

(isLinux ? describeNative : describe.skip)("a TCP socket's options", () => {
  let server: Server;
  let client: Socket;
  let peer: Socket;
  beforeEach(async () => {
    server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const accepted = once(server, "connection");
    client = connect((server.address() as { port: number }).port, "127.0.0.1");
    [peer] = (await accepted) as [Socket];
    if (client.connecting) await once(client, "connect");
  });
  afterEach(() => {
    for (const each of [client, peer]) each.destroy();
    server.close();
  });

  it("are set, and read back as they took effect", () => {
    const { options } = tuneSocket(client, {
      noDelay: true,
      quickAck: true,
      receiveBufferBytes: 65_536,
      sendBufferBytes: 65_536,
      priority: 5,
      notSentLowWaterBytes: 16_384,
    });
    const found = Object.fromEntries(options.map(({ name, effective }) => [name, effective]));
    // Linux keeps twice the buffer it is asked for.
    expect(found).toEqual({
      noDelay: 1,
      quickAck: 1,
      receiveBufferBytes: 131_072,
      sendBufferBytes: 131_072,
      priority: 5,
      notSentLowWaterBytes: 16_384,
    });
    expect(options.map(({ error }) => error)).toEqual(Array(6).fill(undefined));
    expect(options[0]).toEqual({ name: "noDelay", asked: 1, before: 0, effective: 1, error: undefined });
    expect(tuneSocket(client, { noDelay: false }).options[0]).toMatchObject({ before: 1, effective: 0 });
  });

  it("tell what the kernel refused, and stand as before", () => {
    const { options } = tuneSocket(client, {
      busyPollUs: 50,
      preferBusyPoll: true,
      busyPollBudget: 65_536,
      priority: 7,
    });
    for (const { name, asked, before, effective, error } of options) {
      if (error === undefined) expect([name, effective]).toEqual([name, asked]);
      else expect([name, error, effective]).toEqual([name, expect.stringMatching(/^E[A-Z]+$/), before]);
    }
    expect(options.find(({ name }) => name === "busyPollBudget")).toMatchObject({ error: "EINVAL" });
  });

  it("arm quick acknowledgements after each read, in whatever mode the socket is read", async () => {
    const flowing = tuneSocket(client, { quickAck: true });
    const paused = tuneSocket(peer, { quickAck: true });
    expect(peer.readableFlowing).toBe(null);
    const got: string[] = [];
    client.on("data", (bytes) => {
      got.push(String(bytes));
      client.write(`${String(bytes)}!`);
    });
    for (let round = 0; round < 5; round++) {
      peer.write(`${round}`);
      await once(peer, "readable");
      expect(String(peer.read())).toBe(`${round}!`);
    }
    expect(got).toEqual(["0", "1", "2", "3", "4"]);
    expect(flowing.armings).toBe(5);
    expect(paused.armings).toBe(5);
    flowing.release();
    expect(Object.hasOwn(client, "push")).toBe(false);
    peer.write("5");
    await once(peer, "readable");
    expect(flowing.armings).toBe(5);
  });

  it("are not set on what is no connected socket", async () => {
    const expected = /FAULT_CONFIG tuneSocket.socket: .*a TCP socket that is connected/;
    expect(() => tuneSocket({} as never, {})).toThrow(expected);
    const tuned = tuneSocket(client, { quickAck: true });
    client.destroy();
    expect(() => tuneSocket(client, {})).toThrow(expected);
    expect(tuned.armQuickAck()).toBe(false);
    // A descriptor that is another socket's is not touched.
    const other = Object.create(peer, { _handle: { value: { fd: 0 } } });
    expect(() => tuneSocket(other, {})).toThrow(expected);
    const named = Object.create(other, { localPort: { value: peer.localPort } });
    expect(() => tuneSocket(named, { noDelay: true })).toThrow(expected);
    expect(() => tuneSocket(peer, { nodelay: true } as never)).toThrow(/FAULT_CONFIG tuneSocket.nodelay/);
    expect(() => tuneSocket(peer, { noDelay: 1 } as never)).toThrow(/FAULT_CONFIG tuneSocket.noDelay/);
    expect(() => tuneSocket(peer, { priority: -1 })).toThrow(/FAULT_CONFIG tuneSocket.priority/);
  });

  it("are refused below the door too where descriptor or name is none", () => {
    const binding = nativeDoor("net") as Record<string, (...args: unknown[]) => unknown>;
    expect(binding.setOption?.(-1, "noDelay", 1)).toBe(-9);
    expect(binding.localPort?.(-1)).toBe(-9);
    expect(binding.armQuickAck?.(2 ** 31 - 1)).toBe(-9);
    expect(() => binding.setOption?.(1, "reuse", 1)).toThrow(TypeError);
    expect(() => binding.getOption?.(1, "noDelay", new Int32Array(0))).toThrow(TypeError);
    const shared = new Uint8Array(new SharedArrayBuffer(4096));
    const opens = [
      [new Uint8Array(4096), [], new Int32Array(7)],
      [shared, ["a", 1], new Int32Array(7)],
      [shared, [], new Int32Array(6)],
      [undefined, [], new Int32Array(7)],
    ];
    for (const args of opens) expect(() => binding.openReceiver?.(...args)).toThrow(TypeError);
    expect(binding.openReceiver?.(shared, [], Int32Array.of(9, 0, 0, 64, 0, 0, -1))).toEqual({
      code: -22,
      step: "ring",
    });
    expect(binding.openReceiver?.(shared, [], Int32Array.of(9, 0, 0, 0, 0, 0, -1))).toEqual({
      code: -22,
      step: "batch",
    });
  });
});
