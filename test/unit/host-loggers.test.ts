import { describe, expect, it } from "vitest";
import { Fault } from "../../src/base/index.ts";
import { jsonLogger, LOG_LEVELS, LogRedaction, memoryLogger, pinoLogger } from "../../src/host/index.ts";
import type { Logger } from "../../src/port/index.ts";

class Stream {
  writableLength = 0;
  readonly lines: string[] = [];
  isBroken = false;
  fails: (error: Error) => void = () => {};
  write(text: string): boolean {
    if (this.isBroken) throw new Error("EPIPE");
    this.lines.push(text);
    return true;
  }
  on(_event: "error", listener: (error: Error) => void): void {
    this.fails = listener;
  }
}

describe("redaction", () => {
  const redaction = new LogRedaction({
    names: ["pin-code"],
    keep: ["tokensLeft"],
    secrets: ["s3cr3t w0rds"],
  });

  it.each([
    ["apiKey"],
    ["X-MBX-APIKEY"],
    ["api_secret"],
    ["userPassword"],
    ["accessToken"],
    ["Authorization"],
    ["signature"],
    ["listenKey"],
    ["PIN code"],
    ["set-cookie"],
  ])("hides a field by its name: %s", (name) => {
    expect(redaction.fields({ [name]: "abc" })).toEqual({ [name]: "[redacted]" });
    expect(redaction.fields({ deep: { [name]: 5 } } as never)).toEqual({ deep: { [name]: "[redacted]" } });
  });

  it.each([
    ["GET /x?symbol=A&signature=ab12&t=1", "GET /x?symbol=A&signature=[redacted]&t=1"],
    ['{"apiKey":"a b","x":1}', '{"apiKey":[redacted],"x":1}'],
    ['{\\"apiKey\\":\\"ab\\"}', '{\\"apiKey\\":\\[redacted]'],
    ["authorization: Bearer abc.def", "authorization: [redacted]"],
    ["X-MBX-APIKEY: abc", "X-MBX-APIKEY: [redacted]"],
    ["listenKey%3Dabc", "listenKey%3D[redacted]"],
    ["password='a b'", "password=[redacted]"],
    ["tokensLeft: 5", "tokensLeft: 5"],
    ["no secret here", "no secret here"],
  ])("hides a value by its name within a text: %s", (text, safe) => {
    expect(redaction.text(text)).toBe(safe);
  });

  it.each(["s3cr3t w0rds", "q=s3cr3t+w0rds&", "s3cr3t%20w0rds", "s3cr3t%2bw0rds"])(
    "hides a secret: %s",
    (text) => {
      expect(redaction.text(text)).toMatch(/^(q=)?\[redacted\]&?$/);
    },
  );

  it("keeps what may be read, JSON-safe", () => {
    const cyclic: Record<string, unknown> = { a: 1 };
    cyclic.self = cyclic;
    const fields = { n: 1, b: true, big: 7n, none: null, left: undefined, nan: Number.NaN, cyclic };
    expect(redaction.fields({ ...fields, tokensLeft: 3, bytes: new Uint8Array(4) } as never)).toEqual({
      ...{ n: 1, b: true, big: "7", none: null, nan: "NaN" },
      ...{ cyclic: { a: 1, self: "<again>" }, tokensLeft: 3, bytes: "<4 bytes>" },
    });
  });

  it("refuses a short secret without telling it", () => {
    let fault: unknown;
    try {
      redaction.addSecret("abc12");
    } catch (error) {
      fault = error;
    }
    expect(fault).toBeInstanceOf(Fault);
    expect(String((fault as Fault).message)).not.toContain("abc12");
    expect(() => new LogRedaction({ secret: ["x"] } as never)).toThrow(/FAULT_CONFIG log.redact.secret/);
  });

  it("takes long texts in their length: a name is no trap", () => {
    const long = "apikey".repeat(20_000);
    expect(redaction.text(long).length).toBeLessThanOrEqual(8193);
    expect(redaction.text(`${"-".repeat(100_000)}=`).length).toBe(8193);
  });
});

describe("a logger of JSON lines", () => {
  it("writes the levels it was told, the fields of all it came of, and never one over another", () => {
    const stream = new Stream();
    const logger = jsonLogger({ stream, level: "warn" })
      .with({ venue: "a", session: 1 })
      .with({ session: 2 });
    for (const level of LOG_LEVELS) logger.log(level, `at ${level}`, { level: "mine", msg: "mine" });
    expect(stream.lines.map((line) => JSON.parse(line))).toMatchObject(
      ["warn", "error", "fatal"].map((level) => ({
        ...{ level, msg: `at ${level}`, venue: "a", session: 2, level_: "mine", msg_: "mine" },
      })),
    );
    expect(LOG_LEVELS.map((level) => logger.isEnabled(level))).toEqual([
      false,
      false,
      false,
      true,
      true,
      true,
    ]);
    expect(stream.lines.every((line) => line.endsWith("}\n") && line.split("\n").length === 2)).toBe(true);
  });

  it("loses and counts what has no room, what a stream refuses, and what comes after it failed", () => {
    const stream = new Stream();
    const logger = jsonLogger({ stream, bufferBytesMax: 200 });
    logger.log("info", "fits");
    stream.writableLength = 190;
    logger.log("info", "does not");
    stream.writableLength = 0;
    stream.isBroken = true;
    logger.log("info", "throws");
    stream.isBroken = false;
    stream.fails(new Error("ENOSPC"));
    logger.log("info", "too late");
    expect([stream.lines.length, logger.stats()]).toEqual([
      1,
      { written: 1, lostByRate: 0, lostByWriter: 3 },
    ]);
  });

  it("writes so many lines a second and counts the others", () => {
    const stream = new Stream();
    const logger = jsonLogger({ stream, linesPerSecondMax: 5 });
    for (let n = 0; n < 10_000; n++) logger.log("info", "again");
    const { written, lostByRate } = logger.stats();
    expect([written + lostByRate, written === stream.lines.length, lostByRate > 0]).toEqual([
      10_000,
      true,
      true,
    ]);
  });

  it("never throws, whatever it is given", () => {
    const { logger } = memoryLogger();
    const refuses = (): never => {
      throw new Error("no");
    };
    const hostile = new Proxy({}, { get: refuses, ownKeys: refuses, getPrototypeOf: refuses });
    logger.log("info", "x", hostile);
    logger.log("info", hostile as never);
    logger.log("info", "x", { hostile } as never);
    expect(logger.stats()).toEqual({ written: 1, lostByRate: 0, lostByWriter: 2 });
  });

  it("is refused by name", () => {
    expect(() => jsonLogger({ levle: "info" } as never)).toThrow(/FAULT_CONFIG jsonLogger.levle/);
    expect(() => jsonLogger({ level: "loud" as never })).toThrow(/FAULT_CONFIG jsonLogger.level/);
    expect(() => jsonLogger({ stream: {} as never })).toThrow(/FAULT_CONFIG jsonLogger.stream/);
  });
});

describe("a logger in memory", () => {
  it("keeps the newest lines, and hides secrets that are added later", () => {
    const { logger, lines } = memoryLogger({ linesMax: 2 });
    const port: Logger = logger.with({ of: "long-lived-token" });
    for (const n of [1, 2, 3]) port.log("info", `line ${n}`);
    expect(lines.map(({ words }) => words)).toEqual(["line 2", "line 3"]);
    logger.addSecret("long-lived-token");
    port.log("info", "with long-lived-token");
    expect(lines.at(-1)).toMatchObject({ words: "with [redacted]", fields: { of: "[redacted]" } });
  });
});

describe("a logger over pino", () => {
  it("gives a pino logger lines in which nothing is to be hidden", async () => {
    const seen: unknown[] = [];
    const note = (fields: object, words: string): void => void seen.push([words, fields]);
    const pino = { trace: note, debug: note, info: note, warn: note, error: note, fatal: note };
    const logger = await pinoLogger({ pino, redact: { secrets: ["hunter2-hunter2"] } });
    logger.with({ venue: "b" }).log("error", "hunter2-hunter2", { token: 1 });
    expect(seen).toEqual([["[redacted]", { venue: "b", token: "[redacted]" }]]);
    await expect(pinoLogger({ pino: {} as never })).rejects.toThrow(/FAULT_CONFIG pinoLogger.pino/);
  });
});
