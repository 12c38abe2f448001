import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  ClockMonitor,
  type ClockTransport,
  PtpSource,
  pmcSource,
  readClockSources,
} from "../../src/host/index.ts";
import { Daemon, isThere, LabFolder, run, until } from "./clock-daemons.ts";

const ID = process.pid.toString(36);
const NAMES = { grandmaster: `twg${ID}`, client: `twc${ID}` } as const;

/** Why ptp4l cannot run between two network namespaces here; empty where it can. */
function obstacle(): string {
  const absent = ["ptp4l", "pmc", "ip", "python3"].filter((command) => !isThere(command));
  if (absent.length > 0) return `skipped: no ${absent.join(", no ")}`;
  try {
    run("ip", "netns", "add", NAMES.grandmaster);
    run("ip", "netns", "add", NAMES.client);
    run(
      "ip",
      "link",
      "add",
      "veth0",
      "netns",
      NAMES.grandmaster,
      "type",
      "veth",
      "peer",
      "name",
      "veth0",
      "netns",
      NAMES.client,
    );
    for (const [name, address] of [
      [NAMES.grandmaster, "10.77.0.1/24"],
      [NAMES.client, "10.77.0.2/24"],
    ] as const) {
      run("ip", "-n", name, "link", "set", "lo", "up");
      run("ip", "-n", name, "link", "set", "veth0", "up");
      run("ip", "-n", name, "addr", "add", address, "dev", "veth0");
    }
    return "";
  } catch (error) {
    return `skipped: no network namespaces: ${error instanceof Error ? error.message.trim() : String(error)}`;
  }
}

/** Removes the namespaces, and with them their links. */
function clear(): void {
  for (const name of Object.values(NAMES)) {
    try {
      run("ip", "netns", "del", name);
    } catch {
      // It was never made.
    }
  }
}

const why = obstacle();
if (why !== "") {
  clear();
  console.log(`ptp4l: ${why}`);
}

/** Python has the Unix datagram sockets that Node has not: a line of hex digits to the daemon, one back. */
const RELAY = `
import os, socket, sys
daemon, own = sys.argv[1:]
link = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
link.bind(own)
link.settimeout(2)
for line in sys.stdin:
    link.sendto(bytes.fromhex(line), daemon)
    print(link.recv(2048).hex(), flush=True)
os.unlink(own)
`;

/** Software stamps, a client that never adjusts the clock (free_running): protocol and parsers, no accuracy. */
describe.skipIf(why !== "")(`real ptp4l ${why}`, () => {
  const lab = new LabFolder();
  const daemons: Daemon[] = [];
  const sockets = { grandmaster: join(lab.path, "gm"), client: join(lab.path, "client") };
  let relay: Daemon;
  let grandmaster: Daemon;
  let transport: ClockTransport;

  const start = (...command: readonly [string, ...string[]]): Daemon => {
    const daemon = new Daemon(command[0], command.slice(1));
    daemons.push(daemon);
    return daemon;
  };
  const ptp4l = (who: keyof typeof NAMES, lines: readonly string[], ...args: readonly string[]): Daemon => {
    const config = lab.write(`${who}.conf`, [
      "[global]",
      `uds_address ${sockets[who]}`,
      "free_running 1",
      "time_stamping software",
      "logSyncInterval -3",
      "logAnnounceInterval -2",
      ...lines,
      "[veth0]",
    ]);
    return start("ip", "netns", "exec", NAMES[who], "ptp4l", "-m", "-f", config, ...args);
  };

  beforeAll(async () => {
    grandmaster = ptp4l("grandmaster", ["priority1 10", "clockClass 6", "clockAccuracy 0x21"]);
    ptp4l("client", ["priority1 250"], "-s");
    const client = pmcSource({ socket: sockets.client, timeoutMs: 5_000 });
    const follows = async (): Promise<boolean> => {
      const { ptp } = await Promise.resolve(client.sample()).catch(() => ({ ptp: undefined }));
      return ptp?.grandmasterPresent === true && ptp.stepsRemoved === 1 && ptp.meanPathDelayNs > 0;
    };
    await until(follows, 30_000);
    relay = start("python3", "-c", RELAY, sockets.client, join(lab.path, "relay"));
    transport = {
      name: "unix",
      exchange: async (bytes) => Buffer.from(await relay.ask(Buffer.from(bytes).toString("hex")), "hex"),
    };
  }, 45_000);

  afterAll(async () => {
    await Promise.all(daemons.map((daemon) => daemon.end()));
    clear();
    lab.remove();
  });

  it("answers management messages with what pmc prints", async () => {
    const message = (await new PtpSource(transport).sample()).ptp;
    const text = (await pmcSource({ socket: sockets.client, timeoutMs: 5_000 }).sample()).ptp;
    // Offset, delay and the last message go on between the two.
    const { masterOffsetNs, meanPathDelayNs, ingressTimeNs, ...rest } = message ?? {};
    expect(text).toMatchObject(rest);
    expect(rest).toMatchObject({
      grandmasterPresent: true,
      stepsRemoved: 1,
      grandmasterClass: 6,
      grandmasterAccuracy: 0x21,
      currentUtcOffset: 37,
      timeTraceable: false,
    });
    expect(Math.abs(masterOffsetNs ?? Number.NaN)).toBeLessThan(1e9);
    expect(meanPathDelayNs).toBeGreaterThan(0);
    expect(text?.ingressTimeNs).toBeGreaterThanOrEqual(ingressTimeNs ?? 0n);
  });

  it("says of the grandmaster that it follows nobody", async () => {
    const { ptp } = await pmcSource({ socket: sockets.grandmaster, timeoutMs: 5_000 }).sample();
    expect(ptp).toMatchObject({ grandmasterPresent: false, portStates: ["MASTER"] });
    expect(ptp?.clockIdentity).toBe(ptp?.grandmasterIdentity);
  });

  it("leaves a clock that nobody disciplines unsynchronized, with its grandmaster and without", async () => {
    const monitor = new ClockMonitor({ ptpDisciplines: "system" });
    const sources = [new PtpSource(transport)];
    const free = monitor.sample(await readClockSources(sources));
    // A client that runs free never reaches the state SLAVE: its clock is compared, not set.
    expect(free).toMatchObject({ ok: true, finding: { state: "unsynchronized", reasons: ["ptpNotSlave"] } });
    await grandmaster.end();
    // It still names the grandmaster as present: that it is gone shows in the state of the port alone.
    await until(async () => (await sources[0]?.sample())?.ptp?.portStates[0] === "LISTENING", 20_000);
    const gone = monitor.sample(await readClockSources(sources));
    expect(gone).toMatchObject({ ok: true, finding: { state: "unsynchronized", missing: [] } });
  });

  it("is a fault where nobody answers at its socket", async () => {
    const nobody = pmcSource({ socket: join(lab.path, "nobody"), timeoutMs: 5_000 });
    await expect(nobody.sample()).rejects.toMatchObject({ code: "FAULT_IO" });
  });
});
