import { Fault } from "../base/index.ts";
import { errorCode, writeZeros } from "./journal-disk.ts";
import { type JournalFolder, RESERVE_NAME } from "./journal-folder.ts";
import type { JournalSettings } from "./journal-options.ts";

const RESERVE_PARTIAL = "reserve.partial";

/**
 * How much room a journal has: a reserve file that is given up when the disk is full, and the bounds at which trading
 * stops before that.
 */
export class JournalSpace {
  readonly #folder: JournalFolder;
  readonly #settings: JournalSettings;
  #full: Fault | undefined;
  #hasReserve = false;

  constructor(folder: JournalFolder, settings: JournalSettings) {
    this.#folder = folder;
    this.#settings = settings;
  }

  /** Why only closing records are taken; undefined while all are. */
  get full(): Fault | undefined {
    return this.#full;
  }

  /** Makes the reserve, or finds it. @throws `FAULT_DISK_FULL` where there is no room for it */
  keepReserve(): void {
    const { disk, path } = this.#folder;
    const { reserveBytes } = this.#settings;
    const names = disk.list(path) ?? [];
    if (reserveBytes === 0) return;
    this.#hasReserve = true;
    if (names.includes(RESERVE_NAME) && this.#folder.sizeOf(RESERVE_NAME) === reserveBytes) return;
    if (names.includes(RESERVE_NAME)) this.#folder.removeDurably(RESERVE_NAME);
    const partial = this.#folder.file(RESERVE_PARTIAL);
    const file = disk.open(partial, "create");
    try {
      writeZeros(file, 0, reserveBytes);
      file.sync();
    } catch (error) {
      disk.remove(partial);
      if (errorCode(error) !== "ENOSPC") throw error;
      const expected = `room for a reserve of ${reserveBytes} bytes`;
      throw new Fault("FAULT_DISK_FULL", { path, value: "a full disk", expected, cause: error });
    } finally {
      file.close();
    }
    disk.rename(partial, this.#folder.file(RESERVE_NAME));
    disk.syncFolder(path);
  }

  /** Looks at the bounds: called when a segment begins. */
  check(journalBytes: number): void {
    const { freeBytesMin, bytesMax } = this.#settings;
    const free = this.#folder.disk.freeBytes(this.#folder.path);
    if (free < freeBytesMin) this.#fill(`${free} bytes free`, `at least ${freeBytesMin} (freeBytesMin)`);
    if (journalBytes > bytesMax) {
      this.#fill(`${journalBytes} bytes of segments`, `at most ${bytesMax} (bytesMax): retire some`);
    }
  }

  /**
   * Runs what needs space; where there is none, gives up the reserve and runs it once more.
   *
   * @throws `FAULT_DISK_FULL` where the reserve is used up too
   */
  use<Value>(work: () => Value): Value {
    try {
      return work();
    } catch (error) {
      if (errorCode(error) !== "ENOSPC") throw error;
      const full = this.#fill("a full disk", "room for the next record", error);
      if (!this.#hasReserve) throw full;
      this.#hasReserve = false;
      this.#folder.removeDurably(RESERVE_NAME);
      return this.use(work);
    }
  }

  #fill(value: string, expected: string, cause?: unknown): Fault {
    const path = this.#folder.path;
    this.#full ??= new Fault("FAULT_DISK_FULL", { path, value, expected, cause });
    return this.#full;
  }
}
