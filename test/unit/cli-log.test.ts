import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { Fault } from "../../src/base/index.ts";
import { environmentRedaction, hidden, hiddenJson, openLog } from "../../src/cli/trade-log.ts";
import { Usage } from "../../src/cli/usage.ts";

const HOME = mkdtempSync(join(tmpdir(), "cli-log-"));
const SECRET = "kQ7xT5rWvNp3LkJh2GfD";

afterEach(() => vi.unstubAllEnvs());
afterAll(() => rmSync(HOME, { recursive: true }));

describe("what a command writes", () => {
  it.each([
    "BINANCE_SECRET",
    "X_API_KEY",
    "apikey",
    "GITHUB_TOKEN",
    "DESK_PASSPHRASE",
    "A_PRIVATE_KEY",
    "KRAKEN_SECRET_KEY",
  ])("hides the value of %s", (name) => {
    vi.stubEnv(name, SECRET);
    expect(environmentRedaction().withoutSecrets(`a ${SECRET} b`)).toBe("a [redacted] b");
  });

  it("hides what a desk names, and nothing that is called otherwise or short", () => {
    vi.stubEnv("DESK_LOGIN", SECRET);
    vi.stubEnv("SHORT_TOKEN", "abc");
    expect(environmentRedaction().withoutSecrets(`${SECRET} abc`)).toBe(`${SECRET} abc`);
    expect(environmentRedaction(["DESK_LOGIN"]).withoutSecrets(`${SECRET} abc`)).toBe("[redacted] abc");
  });

  it("hides secrets in faults, errors, their stacks and causes; others are what they were", () => {
    vi.stubEnv("BINANCE_SECRET", SECRET);
    const redaction = environmentRedaction();
    const fault = new Fault("FAULT_IO", { path: "x", value: `signed ${SECRET}`, expected: "an answer" });
    const safe = hidden(fault, redaction) as Fault;
    expect([safe.code, safe.path, safe.message]).toEqual([
      "FAULT_IO",
      "x",
      expect.stringContaining("[redacted]"),
    ]);
    const nested = new Fault("FAULT_IO", { path: "y", value: { deep: [SECRET] }, cause: new Error(SECRET) });
    for (const error of [
      fault,
      nested,
      new Error(`no ${SECRET}`),
      new Error("no", { cause: new Error(SECRET) }),
    ]) {
      const told = hidden(error, redaction) as Error;
      const all = `${told.message}${told.stack}${String(told.cause)}${JSON.stringify(told)}`;
      expect(all).not.toContain(SECRET.slice(0, 10));
    }
    expect(hidden(`thrown ${SECRET}`, redaction)).toBe("thrown [redacted]");
    const clean = new Usage("--log which file?");
    expect(hidden(clean, redaction)).toBe(clean);
    expect(hiddenJson({ a: [SECRET, 1], b: null }, redaction)).toBe('{"a":["[redacted]",1],"b":null}');
  });
});

describe("--log", () => {
  it.each(["json", "pino"])("appends lines to a file of its owner's, by %s", async (by) => {
    vi.stubEnv("BINANCE_SECRET", SECRET);
    const path = join(HOME, by);
    for (const words of [`one ${SECRET}`, "two"]) {
      const log = await openLog({ log: path, "log-level": "debug", "log-by": by }, environmentRedaction());
      log.logger?.log("debug", words, { venue: "x" });
      log.logger?.log("trace", "not written");
      await log.close();
    }
    const lines = readFileSync(path, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject([{ msg: "one [redacted]", venue: "x" }, { msg: "two" }]);
    expect(statSync(path).mode & 0o077).toBe(0);
  });

  it("is a wrong call where it does nothing or does not know a word, and a fault where no file can be had", async () => {
    const redaction = environmentRedaction();
    const log = join(HOME, "x");
    await expect(openLog({ "log-level": "info" }, redaction)).rejects.toThrow(Usage);
    await expect(openLog({ "log-by": "pino" }, redaction)).rejects.toThrow(Usage);
    await expect(openLog({ log, "log-by": "winston" }, redaction)).rejects.toThrow(Usage);
    await expect(openLog({ log, "log-level": "loud" }, redaction)).rejects.toThrow(/--log-level/);
    await expect(openLog({ log: "" }, redaction)).rejects.toThrow(Usage);
    await expect(openLog({ log: join(HOME, "no", "x") }, redaction)).rejects.toThrow(/FAULT_IO/);
    expect((await openLog({}, redaction)).logger).toBeUndefined();
  });
});
