import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A program that runs until the test ends it. */
export class Daemon {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #said = "";

  constructor(command: string, args: readonly string[]) {
    this.#child = spawn(command, [...args], { stdio: ["pipe", "pipe", "pipe"] });
    this.#ended = new Promise((resolve) => {
      this.#child.once("exit", () => resolve());
      this.#child.once("error", () => resolve());
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        this.#said += chunk.toString();
      });
    }
  }

  /** What it printed. */
  get said(): string {
    return this.#said;
  }

  /** A line to its standard input, and the next line that it prints. */
  async ask(line: string): Promise<string> {
    const from = this.#said.length;
    this.#child.stdin?.write(`${line}\n`);
    await until(() => this.#said.indexOf("\n", from) !== -1, 5_000);
    return this.#said.slice(from, this.#said.indexOf("\n", from));
  }

  async end(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill("SIGTERM");
    await this.#ended;
  }
}

/** Waits until something holds. @throws after so long without it */
export async function until(holds: () => boolean | Promise<boolean>, forMs: number): Promise<void> {
  const end = performance.now() + forMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`not within ${forMs} ms: ${holds.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A UDP port of this machine that nobody has. */
export async function freePort(): Promise<number> {
  const probe = createSocket("udp4");
  await new Promise<void>((resolve) => probe.bind(0, "127.0.0.1", resolve));
  const { port } = probe.address();
  await new Promise<void>((resolve) => probe.close(() => resolve()));
  return port;
}

/** Whether a program is found. */
export function isThere(command: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${command}`]).status === 0;
}

/** Runs a command to its end. @throws with what it said where it fails */
export function run(command: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, [...args], { encoding: "utf8" });
  if (status === 0) return stdout;
  throw new Error(`${command} ${args.join(" ")}: ${stderr}`);
}

/** A folder for configurations and sockets. */
export class LabFolder {
  readonly path = mkdtempSync(join(tmpdir(), "tickwright-clock-"));

  write(name: string, lines: readonly string[]): string {
    const path = join(this.path, name);
    writeFileSync(path, `${lines.join("\n")}\n`);
    return path;
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
  }
}
