import { describe, expect, it } from "vitest";
import { RECON_CADENCE, ReconSchedule } from "../../src/recon/index.ts";
import { S } from "./recon-rows.ts";

const made = () => new ReconSchedule({ startNs: 0 });
const causes = (schedule: ReconSchedule, second: number) => schedule.begin(second * S)?.causes;

describe("ReconSchedule", () => {
  it("runs every five minutes, on the grid of its start", () => {
    const schedule = made();
    expect(schedule.nextNs()).toBe(300 * S);
    expect(schedule.begin(300 * S - 1)).toBeUndefined();
    expect(schedule.begin(300 * S)).toEqual({
      run: 1,
      causes: ["interval"],
      sections: ["orders", "fills", "positions"],
      isComplete: false,
    });
    schedule.finish(1, true, 310 * S);
    expect(schedule.nextNs()).toBe(600 * S);
    expect(causes(schedule, 599)).toBeUndefined();
    expect(causes(schedule, 600)).toEqual(["interval"]);
  });

  it("makes up for a pause by one", () => {
    const schedule = made();
    expect(causes(schedule, 2000)).toEqual(["interval"]);
    schedule.finish(1, true, 2000 * S);
    expect(schedule.nextNs()).toBe(2100 * S);
  });

  it.each(["reconnect", "promotion"] as const)("runs at once on a %s", (cause) => {
    const schedule = made();
    schedule.note(cause, 5 * S);
    expect(schedule.nextNs()).toBe(5 * S);
    expect(schedule.begin(5 * S)).toEqual({ run: 1, causes: [cause], ...RECON_CADENCE[cause] });
  });

  it("gathers drop copies for a second", () => {
    const schedule = made();
    schedule.note("dropCopy", 1 * S);
    schedule.note("dropCopy", 1.5 * S);
    expect(schedule.begin(2 * S - 1)).toBeUndefined();
    expect(schedule.begin(2 * S)).toMatchObject({ causes: ["dropCopy"], sections: ["fills"] });
    schedule.finish(1, true, 2 * S);
    expect(causes(schedule, 10)).toBeUndefined();
  });

  it("runs at the end of the day, whole, and plans the next one", () => {
    const schedule = made();
    schedule.planEndOfDay(100 * S);
    schedule.planEndOfDay(90 * S);
    expect(schedule.nextNs()).toBe(90 * S);
    expect(causes(schedule, 89)).toBeUndefined();
    expect(schedule.begin(90 * S)).toMatchObject({
      causes: ["endOfDay"],
      sections: ["orders", "fills", "positions", "cash"],
      isComplete: true,
    });
    schedule.planEndOfDay(200 * S);
    schedule.finish(1, false, 91 * S);
    expect(causes(schedule, 100)).toBeUndefined();
    expect(causes(schedule, 101)).toEqual(["endOfDay"]);
    schedule.finish(2, true, 101 * S);
    expect(schedule.nextNs()).toBe(200 * S);
  });

  it("looks again when breaks wait, at the earliest time planned", () => {
    const schedule = made();
    schedule.planRecheck(60 * S);
    schedule.planRecheck(70 * S);
    expect(causes(schedule, 59)).toBeUndefined();
    expect(causes(schedule, 60)).toEqual(["recheck"]);
    schedule.finish(1, true, 60 * S);
    expect(causes(schedule, 70)).toBeUndefined();
  });

  it("does one for all causes, in order of precedence, with every section asked for", () => {
    const schedule = made();
    schedule.note("dropCopy", 0);
    schedule.note("reconnect", 0);
    schedule.note("promotion", 0);
    schedule.planRecheck(0);
    schedule.planEndOfDay(0);
    expect(schedule.begin(300 * S)).toEqual({
      run: 1,
      causes: Object.keys(RECON_CADENCE),
      sections: ["orders", "fills", "positions", "cash"],
      isComplete: true,
    });
  });

  it("does one at a time; what comes meanwhile comes after", () => {
    const schedule = made();
    schedule.note("reconnect", 0);
    expect(causes(schedule, 0)).toEqual(["reconnect"]);
    schedule.note("reconnect", 1 * S);
    expect(causes(schedule, 1)).toBeUndefined();
    expect(schedule.nextNs()).toBe(60 * S);
    expect(schedule.finish(1, true, 2 * S)).toBe(true);
    expect(schedule.finish(1, true, 2 * S)).toBe(false);
    expect(causes(schedule, 2)).toEqual(["reconnect"]);
  });

  it("gives up one that never ends, and begins it again later", () => {
    const schedule = made();
    schedule.note("reconnect", 0);
    schedule.begin(0);
    expect(causes(schedule, 59)).toBeUndefined();
    expect(causes(schedule, 60)).toBeUndefined();
    expect(causes(schedule, 69)).toBeUndefined();
    expect(schedule.begin(70 * S)).toMatchObject({ run: 2, causes: ["reconnect"] });
    expect(schedule.finish(1, true, 71 * S)).toBe(false);
    expect(schedule.finish(2, true, 71 * S)).toBe(true);
    expect(causes(schedule, 80)).toBeUndefined();
  });

  it("goes on after a restart; what was under way is due again", () => {
    const schedule = made();
    schedule.planEndOfDay(900 * S);
    schedule.note("dropCopy", 1 * S);
    schedule.note("reconnect", 1 * S);
    schedule.begin(1 * S);
    const again = made();
    again.load(JSON.parse(JSON.stringify(schedule.save())));
    expect(again.begin(2 * S)).toMatchObject({ run: 2, causes: ["reconnect", "dropCopy"] });
    again.finish(2, true, 2 * S);
    expect([again.nextNs(), causes(again, 900)]).toEqual([300 * S, ["endOfDay", "interval"]]);
  });

  it.each([
    ["a time that is none", { nowNs: Number.NaN }],
    ["a cause that is none", { dueNs: { lunch: 1 } }],
    ["a next before now", { nextNs: 0 }],
    ["runs below 0", { runs: -1 }],
  ])("refuses a saved state with %s", (_what, part) => {
    const schedule = made();
    const saved = schedule.save();
    expect(() => schedule.load({ ...saved, ...part } as never)).toThrow("FAULT_INPUT");
    expect(schedule.save()).toEqual(saved);
  });

  it("refuses a time before the last, and options by name", () => {
    const schedule = made();
    schedule.begin(5);
    expect(() => schedule.begin(4)).toThrow("FAULT_TIME");
    expect(() => schedule.note("reconnect", Number.NaN)).toThrow("FAULT_TIME");
    expect(() => schedule.planEndOfDay(0.5)).toThrow("reconSchedule.endOfDayNs");
    expect(() => schedule.planRecheck(Infinity)).toThrow("reconSchedule.recheckNs");
    expect(() => new ReconSchedule({ startNs: 0, intervalNs: 0 })).toThrow("reconSchedule.intervalNs");
    expect(() => new ReconSchedule({ startNs: 0, interval: 0 } as never)).toThrow("reconSchedule.interval");
  });
});
