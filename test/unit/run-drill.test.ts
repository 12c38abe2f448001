import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openJournal } from "../../src/host/index.ts";
import { MESSAGE_FIELD } from "../../src/model/index.ts";
import { DrillEvidence } from "../../src/run/drill-evidence.ts";
import type { DrillRequest } from "../../src/run/drill-message.ts";
import { type DrillEnd, type DrillOutage, drillReport } from "../../src/run/drill-report.ts";
import { DrillVenue } from "../../src/run/drill-venue.ts";
import { type DrillOptions, drill, SENDING, SESSION, SessionRecorder } from "../../src/run/index.ts";
import { SESSION_BYTES } from "../../src/run/session-record.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tickwright-run-drill-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const OUTAGE: DrillOutage = {
  rtoMs: 100,
  parts: { exitMs: 1, startMs: 60, openMs: 10, loadMs: 5, replayMs: 20, resumeMs: 4, retriedMs: 0 },
  ...{ again: 0, requestsLost: 0, executionsLost: 0, recordsLost: 0, stateAgeMs: 2, snapshotSeq: 0 },
  ...{ recordsReplayed: 7, unsent: 0, unusable: 0, isDifferent: false },
};
const END: DrillEnd = {
  ...{ seed: 1, kills: 3, requests: 9, orders: 5, executions: 4, requestsLost: 0, executionsLost: 0 },
  ...{ duplicates: 0, records: 50, isReplayIdentical: true, isPositionEqual: true, rtoMaxMs: 1000 },
  outages: [OUTAGE],
};

function request(what: DrillRequest["what"], id: number, requestId = 0): DrillRequest {
  return { what, instrument: 0, id, requestId, sideSign: 1, priceTicks: 100, lots: 1 };
}

describe("drillReport", () => {
  it("takes the nearest rank of each figure: one that an outage had", () => {
    const outages = Array.from({ length: 40 }, (_, i) => ({ ...OUTAGE, rtoMs: 40 - i, recordsLost: i }));
    const { figures, recoveries } = drillReport({ ...END, outages });
    expect(figures.rtoMs).toEqual({ p50: 20, p95: 38, max: 40 });
    expect(figures.recordsLost).toEqual({ p50: 19, p95: 37, max: 39 });
    expect(figures.startMs).toEqual({ p50: 60, p95: 60, max: 60 });
    expect(recoveries).toBe(40);
    expect(drillReport({ ...END, outages: [] }).figures.rtoMs).toEqual({ p50: 0, p95: 0, max: 0 });
  });

  it("sums up what the outages had", () => {
    const outages = [OUTAGE, { ...OUTAGE, snapshotSeq: 9, unsent: 2 }, { ...OUTAGE, unsent: 1 }];
    expect(drillReport({ ...END, outages })).toMatchObject({
      ...{ withSnapshot: 1, unsent: 3, failures: [] },
    });
  });

  it.each([
    [{ requestsLost: 2 }, "2 requests at the venue are in no record"],
    [{ executionsLost: 1 }, "1 acknowledged executions are in no record"],
    [{ duplicates: 3 }, "3 requests were sent twice"],
    [{ rtoMaxMs: 99 }, "1 recoveries took longer than 99 ms"],
    [{ outages: [{ ...OUTAGE, isDifferent: true }] }, "1 replays came out differently"],
    [{ outages: [{ ...OUTAGE, unusable: 2 }] }, "2 snapshots could not be used"],
    [{ isReplayIdentical: false }, "a replay from the first record is not identical"],
    [{ isPositionEqual: false }, "the venue has other positions than the session"],
  ] as const)("is failed by %j", (wrong, failure) => {
    expect(drillReport({ ...END, ...wrong }).failures).toEqual([failure]);
  });
});

describe("DrillEvidence", () => {
  it("finds what a journal does not have, and reads on where it was", () => {
    const { journal } = openJournal(folder, { policy: "sync", baseNs: 0n, create: true, segmentBytes: 4096 });
    const recorder = new SessionRecorder(journal);
    recorder.sending(SENDING.order, 0, 1, 0, 10);
    recorder.sending(SENDING.cancel, 0, 1, 1, 20);
    const report = new Uint8Array(SESSION_BYTES.report);
    new DataView(report.buffer).setFloat64(16 + 8 * MESSAGE_FIELD.execId, 77, true);
    journal.append(SESSION.report, report, 30);
    journal.commit();
    const evidence = new DrillEvidence();
    for (const each of [request("order", 1), request("order", 2), request("cancel", 1, 1)])
      evidence.sent(each);
    evidence.sent(request("replace", 1, 1));
    evidence.got(77);
    evidence.got(78);
    expect(evidence.check(folder)).toEqual({ requests: 2, executions: 1 });
    expect(evidence.lastSeq).toBe(3);
    recorder.sending(SENDING.order, 0, 2, 0, 40);
    evidence.sent(request("order", 2));
    evidence.sent(request("order", 1));
    expect(evidence.check(folder)).toEqual({ requests: 1, executions: 0 });
    expect(evidence.lastSeq).toBe(4);
    journal.close();
  });
});

describe("DrillVenue", () => {
  it("counts what comes a second time", () => {
    const venue = new DrillVenue(1, 1);
    for (const each of [request("order", 1), request("cancel", 1, 1), request("cancel", 1, 2)])
      venue.take(each);
    expect(venue).toMatchObject({ duplicates: 0, requests: 3, orders: 1 });
    venue.take(request("cancel", 1, 1));
    venue.take(request("order", 1));
    expect(venue.duplicates).toBe(2);
  });
});

describe("the options of a drill", () => {
  it.each([
    [{ folder: "" }, "FAULT_CONFIG drill.folder"],
    [{ kills: 0 }, "FAULT_CONFIG drill.kills"],
    [{ kills: 1.5 }, "FAULT_CONFIG drill.kills"],
    [{ seed: -1 }, "FAULT_CONFIG drill.seed"],
    [{ rtoMaxMs: Number.NaN }, "FAULT_CONFIG drill.rtoMaxMs"],
    [{ lifeMs: 0 }, "FAULT_CONFIG drill.lifeMs"],
    [{ snapshotRows: 0 }, "FAULT_CONFIG drill.snapshotRows"],
    [{ onKill: 5 }, "FAULT_CONFIG drill.onKill"],
    [{ kill: 5 }, "FAULT_CONFIG drill.kill"],
  ])("%j is refused", async (wrong, fault) => {
    await expect(drill({ folder, ...wrong } as unknown as DrillOptions)).rejects.toThrow(fault);
  });

  it("a folder with something in it is left alone, and so is a file", async () => {
    writeFileSync(join(folder, "thesis.txt"), "years of work");
    await expect(drill({ folder })).rejects.toThrow('thesis.txt", expected no folder yet, or an empty one');
    await expect(drill({ folder: join(folder, "thesis.txt") })).rejects.toThrow("FAULT_IO");
  });

  it("a process that can't trade ends it with what it said", async () => {
    const nowhere = join(folder, "nowhere");
    symlinkSync(join(folder, "no", "such", "folder"), nowhere);
    const ended = drill({ folder: nowhere, kills: 1 });
    await expect(ended).rejects.toMatchObject({ code: "FAULT_IO", path: "drill.process" });
    await expect(ended).rejects.toThrow("exit 1: ");
  });
});
