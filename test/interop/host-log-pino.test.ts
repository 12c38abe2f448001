import { expect, it } from "vitest";
import { pinoLogger } from "../../src/host/index.ts";

it("writes through the package pino, at the level it was told", async () => {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const logger = await pinoLogger({ destination, level: "debug", redact: { secrets: ["hunter2-hunter2"] } });
  logger.log("trace", "not written");
  const error = new Error("hunter2-hunter2");
  logger.with({ venue: "b" }).log("debug", "order refused: hunter2-hunter2", { lots: 5, error } as never);
  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toContain("hunter2");
  const { level, msg, venue, lots } = JSON.parse(lines[0] ?? "");
  expect({ level, msg, venue, lots }).toEqual({
    level: 20,
    msg: "order refused: [redacted]",
    venue: "b",
    lots: 5,
  });
  expect(logger.stats().written).toBe(1);
});
