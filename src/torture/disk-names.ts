import type { Coin, PagedFile } from "./paged-file.ts";

/** A change of a folder that no sync of it has covered. */
type NameChange =
  | { readonly kind: "link"; readonly path: string; readonly file: PagedFile }
  | { readonly kind: "rename"; readonly from: string; readonly to: string }
  | { readonly kind: "unlink"; readonly path: string };

/**
 * The names of a disk twice: as the operating system has them and as the medium has them.
 *
 * @invariant A change of a folder is durable once that folder was synced; a name that moves from one folder to another
 * is durable, with every change before it, once either was.
 */
export class DiskNames {
  readonly folders = new Set<string>();
  readonly #now = new Map<string, PagedFile>();
  readonly #durable = new Map<string, PagedFile>();
  #pending: NameChange[] = [];

  /** The file of a name. */
  find(path: string): PagedFile | undefined {
    return this.#now.get(path);
  }

  /** All names, in the order they came. */
  entries(): IterableIterator<[string, PagedFile]> {
    return this.#now.entries();
  }

  /** Changes that no sync has covered. */
  get pendingCount(): number {
    return this.#pending.length;
  }

  /** The names right in a folder, folders included. */
  list(folder: string): string[] {
    const start = `${folder}/`;
    const names: string[] = [];
    for (const path of this.#now.keys()) if (isRightIn(path, start)) names.push(path.slice(start.length));
    for (const path of this.folders) if (isRightIn(path, start)) names.push(path.slice(start.length));
    return names;
  }

  /** Makes a folder and those above it; durable at once, as the port asks. */
  makeFolder(folder: string): void {
    for (let end = folder.length; end > 0; end = folder.lastIndexOf("/", end - 1)) {
      this.folders.add(folder.slice(0, end));
    }
  }

  link(path: string, file: PagedFile): void {
    this.#now.set(path, file);
    this.#pending.push({ kind: "link", path, file });
  }

  /** Moves a name; the file that had the other name has none any more, and is returned. */
  rename(from: string, to: string): PagedFile | undefined {
    const file = this.#now.get(from) as PagedFile;
    const replaced = this.#now.get(to);
    if (replaced === file) return undefined;
    this.#now.delete(from);
    this.#now.set(to, file);
    this.#pending.push({ kind: "rename", from, to });
    if (replaced !== undefined) replaced.isLinked = false;
    return replaced;
  }

  unlink(path: string): void {
    const file = this.#now.get(path) as PagedFile;
    file.isLinked = false;
    this.#now.delete(path);
    this.#pending.push({ kind: "unlink", path });
  }

  /** Makes the changes of a folder durable; returns the files that nothing refers to any more. */
  sync(folder: string): PagedFile[] {
    const all = this.#pending.findLastIndex((change) => isBetween(change, folder));
    const gone = new Set<PagedFile>();
    const kept: NameChange[] = [];
    for (const [i, change] of this.#pending.entries()) {
      if (i <= all || touches(change, folder)) apply(this.#durable, change, gone);
      else kept.push(change);
    }
    this.#pending = kept;
    return [...gone].filter((file) => !this.#isReferenced(file));
  }

  /** Puts a name there that is durable. */
  put(path: string, file: PagedFile): void {
    this.#now.set(path, file);
    this.#durable.set(path, file);
  }

  /** Takes a name out of the medium and the memory, as a damaged folder does. */
  lose(path: string): void {
    const file = this.#now.get(path);
    if (file !== undefined) file.isLinked = false;
    this.#now.delete(path);
    this.#durable.delete(path);
    this.#pending = this.#pending.filter((change) => change.kind === "rename" || change.path !== path);
  }

  /** The loss of power: of the changes that were not durable a part may have become so. */
  losePower(survival: "none" | "all" | "any", coin: Coin): void {
    const gone = new Set<PagedFile>();
    for (const change of this.#pending) {
      if (survival === "all" || (survival === "any" && coin())) apply(this.#durable, change, gone);
    }
    this.#now.clear();
    for (const [path, file] of this.#durable) this.#now.set(path, file);
    this.#pending = [];
    this.#relink();
  }

  /** The loss of the process: every change stands, durable or not. */
  loseProcess(): void {
    for (const file of this.files()) file.handles = 0;
  }

  /** Every file that can still be found, now or after a loss of power; each once. */
  files(): Set<PagedFile> {
    const files = new Set<PagedFile>(this.#now.values());
    for (const file of this.#durable.values()) files.add(file);
    for (const change of this.#pending) if (change.kind === "link") files.add(change.file);
    return files;
  }

  copy(): DiskNames {
    const other = new DiskNames();
    const twins = new Map<PagedFile, PagedFile>();
    const twin = (file: PagedFile): PagedFile => {
      const known = twins.get(file) ?? file.copy();
      twins.set(file, known);
      return known;
    };
    for (const folder of this.folders) other.folders.add(folder);
    for (const [path, file] of this.#now) other.#now.set(path, twin(file));
    for (const [path, file] of this.#durable) other.#durable.set(path, twin(file));
    other.#pending = this.#pending.map((change) =>
      change.kind === "link" ? { ...change, file: twin(change.file) } : change,
    );
    return other;
  }

  /** Whether some name, durable or not, can lead to the file, or a handle. */
  #isReferenced(file: PagedFile): boolean {
    if (file.handles > 0 || file.isLinked) return true;
    for (const each of this.#durable.values()) if (each === file) return true;
    return this.#pending.some((change) => change.kind === "link" && change.file === file);
  }

  /** Whether nothing can lead to the file any more. */
  isLost(file: PagedFile): boolean {
    return !this.#isReferenced(file);
  }

  #relink(): void {
    for (const file of this.#now.values()) {
      file.isLinked = true;
      file.handles = 0;
    }
  }
}

/** The folder of a path; empty where it names none. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

function isRightIn(path: string, start: string): boolean {
  return path.startsWith(start) && path.length > start.length && !path.includes("/", start.length);
}

function touches(change: NameChange, folder: string): boolean {
  if (change.kind !== "rename") return folderOf(change.path) === folder;
  return folderOf(change.from) === folder || folderOf(change.to) === folder;
}

function isBetween(change: NameChange, folder: string): boolean {
  return change.kind === "rename" && folderOf(change.from) !== folderOf(change.to) && touches(change, folder);
}

function apply(names: Map<string, PagedFile>, change: NameChange, gone: Set<PagedFile>): void {
  const lost = (file: PagedFile | undefined): void => {
    if (file !== undefined) gone.add(file);
  };
  if (change.kind === "link") {
    lost(names.get(change.path));
    names.set(change.path, change.file);
  } else if (change.kind === "unlink") {
    lost(names.get(change.path));
    names.delete(change.path);
  } else {
    const file = names.get(change.from);
    if (file === undefined) return;
    lost(names.get(change.to));
    names.delete(change.from);
    names.set(change.to, file);
  }
}
