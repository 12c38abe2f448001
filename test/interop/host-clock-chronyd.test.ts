import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type ChronySource,
  ClockMonitor,
  chronycSource,
  chronyUdpSource,
  type NtpReading,
  readClockSources,
} from "../../src/host/index.ts";
import { Daemon, freePort, isThere, LabFolder, run, until } from "./clock-daemons.ts";

const absent = ["chronyd", "chronyc"].filter((command) => !isThere(command));
const why = absent.length > 0 ? `skipped: no ${absent.join(", no ")}` : "";
if (why !== "") console.log(`chronyd: ${why}`);

/** A server, a client of it and a daemon that follows itself; none of them (-x) touches the clock. */
describe.skipIf(why !== "")(`real chronyd ${why}`, () => {
  const lab = new LabFolder();
  const daemons: Daemon[] = [];
  let ports: { server: number; client: number; alone: number };
  let client: Daemon;
  let source: ChronySource;

  const chronyd = (name: string, ...lines: readonly string[]): Daemon => {
    const path = lab.write(`${name}.conf`, [
      ...lines,
      `pidfile ${lab.path}/${name}.pid`,
      "bindcmdaddress 127.0.0.1",
      // No Unix socket: a chronyd of this machine may have it.
      "bindcmdaddress /",
    ]);
    const daemon = new Daemon("chronyd", ["-x", "-d", "-U", "-f", path]);
    daemons.push(daemon);
    return daemon;
  };

  beforeAll(async () => {
    ports = { server: await freePort(), client: await freePort(), alone: await freePort() };
    chronyd(
      "server",
      "local stratum 1",
      `port ${ports.server}`,
      "bindaddress 127.0.0.1",
      "allow 127.0.0.1",
      "cmdport 0",
    );
    client = chronyd(
      "client",
      `server 127.0.0.1 port ${ports.server} iburst minpoll -2 maxpoll 0`,
      "port 0",
      `cmdport ${ports.client}`,
    );
    chronyd("alone", "local stratum 8", "port 0", `cmdport ${ports.alone}`);
    source = chronyUdpSource({ port: ports.client });
    const follows = async (): Promise<boolean> => {
      const { ntp } = await Promise.resolve(source.sample()).catch(() => ({ ntp: undefined }));
      return ntp?.synchronised === true && ntp.skewPpm > 0;
    };
    await until(follows, 30_000);
  }, 40_000);

  afterAll(async () => {
    source?.close();
    await Promise.all(daemons.map((daemon) => daemon.end()));
    lab.remove();
  });

  it("says over UDP what chronyc says", async () => {
    const byCommand = chronycSource({ host: "127.0.0.1", port: ports.client, timeoutMs: 5_000 });
    let packet: NtpReading | undefined;
    let text: NtpReading | undefined;
    // Between two updates of the daemon: both have to be of the same one.
    await until(async () => {
      packet = (await source.sample()).ntp;
      text = (await byCommand.sample()).ntp;
      return packet?.referenceTimeNs === text?.referenceTimeNs;
    }, 10_000);
    expect(packet).toMatchObject({
      synchronised: true,
      reference: "7F000001",
      address: "127.0.0.1",
      stratum: 2,
    });
    const {
      offsetNs = 0,
      rootDelayNs = 0,
      rootDispersionNs = 0,
      frequencyPpm = 0,
      skewPpm = 0,
    } = packet ?? {};
    expect(text).toMatchObject({
      leap: packet?.leap,
      address: packet?.address,
      reference: packet?.reference,
    });
    // What is still to be corrected shrinks from one request to the next, and the dispersion grows.
    expect(text?.offsetNs).toBeCloseTo(offsetNs, -3);
    expect(text?.rootDispersionNs).toBeGreaterThanOrEqual(Math.floor(rootDispersionNs));
    expect(text?.rootDelayNs).toBeCloseTo(rootDelayNs, -1);
    expect(text?.frequencyPpm).toBeCloseTo(frequencyPpm, 2);
    expect(text?.skewPpm).toBeCloseTo(skewPpm, 2);
  });

  it("means ahead by an offset above 0, as chronyc's sentence does", async () => {
    const said = /System time\s+: ([\d.]+) seconds (fast|slow)/.exec(
      run("chronyc", "-h", "127.0.0.1", "-p", String(ports.client), "tracking"),
    );
    const saidNs = Number(said?.[1]) * 1e9 * (said?.[2] === "fast" ? 1 : -1);
    expect((await source.sample()).ntp?.offsetNs).toBeCloseTo(saidNs, -3);
  });

  it("claims nothing while it follows itself", async () => {
    const alone = chronyUdpSource({ port: ports.alone });
    const sampled = new ClockMonitor().sample(await readClockSources([alone]));
    alone.close();
    expect(sampled).toMatchObject({
      ok: true,
      finding: { state: "unsynchronized", reasons: ["ntpLocalReference"] },
    });
  });

  it("gives a bound that is no proof, and a holdover when it has ended", async () => {
    const monitor = new ClockMonitor({ profiles: { "rts25-hft": "block", "rts25-voice": "warn" } });
    const first = monitor.sample(await readClockSources([source]));
    expect(first).toMatchObject({ ok: true, finding: { path: "ntp", proof: "bound", hardware: "absent" } });
    const ntp = first.ok ? first.finding : undefined;
    expect(ntp?.boundNs).toBeGreaterThan(0);
    // A daemon that has just begun on a busy machine may not know its time to a second yet.
    const isWithinSecond = (ntp?.boundNs ?? Infinity) <= 1e9;
    expect(ntp?.verdicts).toMatchObject([
      { profile: "rts25-hft", holds: false, action: "block" },
      { profile: "rts25-voice", holds: isWithinSecond, action: isWithinSecond ? "none" : "warn" },
    ]);
    await client.end();
    const reading = await readClockSources([source]);
    expect(reading.missing).toMatchObject([
      { source: `chrony udp 127.0.0.1:${ports.client}`, code: "FAULT_IO" },
    ]);
    const lost = monitor.sample(reading);
    expect(lost).toMatchObject({ ok: true, finding: { holdover: true, source: "ntp 7F000001" } });
    expect(lost.ok && (lost.finding.boundNs ?? 0)).toBeGreaterThan(ntp?.boundNs ?? 0);
    expect(lost.ok && lost.events).toContainEqual(
      expect.objectContaining({ type: "sourceTrouble", after: "FAULT_IO" }),
    );
  });
});
