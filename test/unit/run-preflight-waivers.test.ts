import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { exchangeCcxtUrls, exchangeUrls } from "../../src/exchange/index.ts";
import { type PreflightCheck, type PreflightWaiver, preflight, sessionTime } from "../../src/run/index.ts";

const failing = (name: string): PreflightCheck => ({
  ...{ name, state: "fail", measured: "3 days", expected: "90 days", change: "trade on paper" },
});
const waiver: PreflightWaiver = { check: "paper.gate", by: "Mara", reason: "a rehearsal" };

describe("a waiver", () => {
  it("turns the days on paper into a warning that says who answers for it", () => {
    const report = preflight([failing("paper.gate"), failing("paper.code")], [waiver]);
    expect(report).toMatchObject({ isGreen: false, failed: 1, warned: 1 });
    expect(report.checks[0]).toMatchObject({
      ...{ state: "warn", measured: "3 days; waived by Mara: a rehearsal", expected: "90 days" },
    });
    expect(preflight([failing("paper.gate")], [waiver]).isGreen).toBe(true);
  });

  it("leaves alone what does not fail", () => {
    const ok: PreflightCheck = { ...failing("paper.gate"), state: "ok" };
    expect(preflight([ok], [waiver]).checks).toEqual([ok]);
  });

  it.each([
    ["preflight.waivers[0].check", { ...waiver, check: "kill.agent" }],
    ["preflight.waivers[0].check", { ...waiver, check: "limits" }],
    ["preflight.waivers[0].by", { ...waiver, by: "" }],
    ["preflight.waivers[0].reason", { ...waiver, reason: undefined }],
  ])("faults by name: %s", (path, wrong) => {
    expect(() => preflight([failing("paper.gate")], [wrong as PreflightWaiver])).toThrow(path);
  });
});

describe("where a rehearsal exchange is reached", () => {
  it("follows from its origin", () => {
    expect(exchangeUrls("http://127.0.0.1:80")).toEqual({
      ...{ rest: "http://127.0.0.1", ws: "ws://127.0.0.1/ws", stream: "ws://127.0.0.1/stream" },
      wsApi: "ws://127.0.0.1/ws-api/v3",
    });
    expect(exchangeCcxtUrls("http://127.0.0.1:8080").api["private"]).toBe("http://127.0.0.1:8080/api/v3");
  });

  it.each(["", "127.0.0.1:80", "ws://127.0.0.1", "http://127.0.0.1/api", "http://127.0.0.1/?a=1"])(
    "is no other text: %s",
    (origin) => {
      expect(() => exchangeUrls(origin)).toThrow("FAULT_INPUT origin");
    },
  );
});

it("a session's time begins now, to the second, where there is no session yet", () => {
  const folder = mkdtempSync(join(tmpdir(), "no-session-"));
  const time = sessionTime(join(folder, "journal"), { policy: "sync", create: true });
  rmSync(folder, { recursive: true });
  expect(time.baseNs % 1_000_000_000n).toBe(0n);
  expect(time.nowNs()).toBeGreaterThanOrEqual(0);
  expect(time.nowNs()).toBeLessThan(3_600e9);
});
