import { afterEach, expect, it } from "vitest";
import { Command } from "../fixtures/command.ts";

let command: Command | undefined;

afterEach(async () => {
  if (command?.child.exitCode === null) await command.stop("SIGKILL");
});

it("tickwright exchange --matching serves a market where clients' orders meet", async () => {
  command = new Command(["exchange", "--seed", "5", "--matching"]);
  await command.until("it serves", () => command?.out.includes("secret  ") === true);
  const rest = /REST\s+(\S+)\/api\/v3/.exec(command.out)?.[1] ?? "";
  const info = (await (await fetch(`${rest}/api/v3/exchangeInfo`)).json()) as {
    symbols: { icebergAllowed: boolean; ocoAllowed: boolean }[];
  };
  expect(info.symbols).toMatchObject([{ icebergAllowed: true, ocoAllowed: true }]);
  expect((await command.stop("SIGTERM")).code).toBe(0);
});
