import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The small files of /proc and /sys, under a root of choice. What is not there, or cannot be read, is undefined. */
export class SystemFiles {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  /** The text of a file without the white space around it. */
  text(path: string): string | undefined {
    try {
      return readFileSync(join(this.#root, path), "utf8").trim();
    } catch {
      return undefined;
    }
  }

  /** The first number in a file. */
  number(path: string): number | undefined {
    const found = /^-?\d+/.exec(this.text(path) ?? "");
    return found === null ? undefined : Number(found[0]);
  }

  /** The numbers of a list such as `0-3,8`. */
  list(path: string): readonly number[] | undefined {
    const text = this.text(path);
    return text === undefined ? undefined : parseCpuList(text);
  }

  /** The names in a folder, sorted; none where it is not there. */
  names(path: string): readonly string[] {
    try {
      return readdirSync(join(this.#root, path)).sort();
    } catch {
      return [];
    }
  }

  /** The numbers behind a prefix in the names of a folder, such as the 3 of `node3`, ascending. */
  numbered(path: string, prefix: string): readonly number[] {
    return this.names(path)
      .filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
      .map((name) => Number(name.slice(prefix.length)))
      .sort((left, right) => left - right);
  }

  /** The word in brackets of a choice such as `always [madvise] never`. */
  chosen(path: string): string | undefined {
    const text = this.text(path);
    return text === undefined ? undefined : (/\[([^\]]+)\]/.exec(text)?.[1] ?? text);
  }
}

/** The processors of a kernel's list such as `0-3,8-10:2/4`; undefined for what is none. */
export function parseCpuList(text: string): readonly number[] | undefined {
  const cpus: number[] = [];
  for (const part of text.split(",")) {
    if (part.trim() === "") continue;
    const found = /^(\d{1,6})(?:-(\d{1,6})(?::(\d{1,6})\/(\d{1,6}))?)?$/.exec(part.trim());
    if (found === null) return undefined;
    const [first, last] = [Number(found[1]), Number(found[2] ?? found[1])];
    const [used, group] = [Number(found[3] ?? 1), Math.max(1, Number(found[4] ?? 1))];
    for (let cpu = first; cpu <= last; cpu++) if ((cpu - first) % group < used) cpus.push(cpu);
  }
  return [...new Set(cpus)].sort((left, right) => left - right);
}
