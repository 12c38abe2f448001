import { checkBoolean, checkInteger, checkKeys, checkText, Fault } from "../base/index.ts";
import { lacksMemory, type NativeRingMemory, ringDoor, systemFault } from "./native-door.ts";
import { NativeWords } from "./native-words.ts";
import { OpenedRing } from "./opened-ring.ts";
import { RingBuffer } from "./ring-buffer.ts";
import { layOut, RingLayout, readLayout } from "./ring-layout.ts";
import { checkRingOptions, type RingOptions } from "./ring-options.ts";

/**
 * Options of a ring between processes.
 *
 * @units slots; bytes
 */
export interface ProcessRingOptions extends Omit<RingOptions, "threads"> {
  /**
   * The file by which others find it: new, in a folder that is memory, such as `/dev/shm/desk-ticks`. Without one they
   * get its file descriptor.
   */
  readonly path?: string;
  /** Asks for pages of 2 MiB, which `pages` says whether there were; true unless given. */
  readonly hugePages?: boolean;
}

/** How a process finds a ring: by a file descriptor that it was started with, or by the path of its file. */
export type ProcessRingPlace = { readonly fd: number } | { readonly path: string };

const PAGES = ["small", "transparent", "huge"] as const;

/**
 * A ring in memory that several processes map: `ring` is a {@link RingBuffer} like any other, with the same producers,
 * consumers, waits and refusals.
 *
 * @invariant While JavaScript sees a view of it, the memory stays mapped, also after `close` and when every other
 * process has ended.
 * @cost As the ring between threads; a sleep or a wake-up is a call into the system. `waitAsync` has a thread for each
 * wait that is under way.
 * @throws `FAULT_NATIVE_UNAVAILABLE` where the native binary does not load; `FAULT_IO` with what the system said,
 * `ENOSYS` everywhere but on Linux.
 * @example
 * ```ts
 * import { nativeReport } from "tickwright/base/native";
 * import { ProcessRing } from "tickwright/ring/native";
 * function lagOfTheOther(): number | undefined {
 *   const home = ProcessRing.create({ capacity: 1024 });
 *   // The other process: spawn(command, args, { stdio: ["inherit", "inherit", "inherit", home.fd] }).
 *   // There ProcessRing.attach({ fd: 3 }).
 *   const away = ProcessRing.attach({ fd: home.fd });
 *   const producer = away.ring.producer();
 *   producer.claim();
 *   producer.publish();
 *   for (const each of [away, home]) each.close();
 *   return home.ring.stats().consumers[0]?.lag;
 * }
 * const { isAvailable, platform } = nativeReport();
 * isAvailable && platform.startsWith("linux") ? lagOfTheOther() : 1; // => 1
 * ```
 */
export class ProcessRing {
  readonly ring: RingBuffer;
  /** The file that others find it by, where it was made or found by one. */
  readonly path: string | undefined;
  /** What the memory stands on: pages of 4 KiB, of 2 MiB that the kernel put together, or of 2 MiB set aside for it. */
  readonly pages: "small" | "transparent" | "huge";
  /**
   * Whether no process can cut the memory off: those that touch it then are killed by the system (`SIGBUS`). So it is
   * without a path; a file in `/dev/shm` can be cut off by every process of this user.
   */
  readonly isSealed: boolean;
  readonly #memory: NativeRingMemory;
  readonly #isMaker: boolean;

  private constructor(
    memory: NativeRingMemory,
    ring: RingBuffer,
    path: string | undefined,
    isMaker: boolean,
  ) {
    this.ring = ring;
    this.path = path;
    this.pages = PAGES[memory.pages()] ?? "small";
    this.isSealed = memory.isSealed();
    this.#memory = memory;
    this.#isMaker = isMaker;
  }

  /**
   * Makes a ring. With a `path` its file appears whole, for this user alone (mode 0600).
   *
   * @throws `FAULT_CONFIG` for options; `FAULT_INPUT` where there is a file at `path`, saying whether a process has it
   * open; `FAULT_CAPACITY` where memory lacks; `FAULT_IO`.
   */
  static create(options: ProcessRingOptions): ProcessRing {
    const { path, hugePages, ...shared } = options ?? {};
    if ("threads" in shared) checkKeys("processRing", shared, NOT_THREADS);
    const plan = checkRingOptions({ ...shared, threads: "cross" });
    const wantsHugePages = checkBoolean("processRing.hugePages", hugePages ?? true);
    const folder = path === undefined ? "" : folderOf(checkPath(path));
    const door = ringDoor();
    const layout = new RingLayout(plan.shape);
    const memory = new door.RingMemory();
    const failed = memory.create(layout.bytes, folder, wantsHugePages);
    if (failed < 0) throw notMade(path, plan.shape.capacity, layout.bytes, failed);
    const buffer = memory.buffer();
    const words = new NativeWords(new Int32Array(buffer), memory);
    layOut({ words, layout }, plan.after, plan.firstSequence);
    const unnamed = path === undefined ? 0 : memory.publish(path);
    if (path !== undefined && unnamed < 0) {
      memory.closeFile();
      if (unnamed === EEXIST) throw takenPath(path, door.isOpenElsewhere(path));
      throw systemFault("processRing.path", path, unnamed);
    }
    return new ProcessRing(memory, new RingBuffer(new OpenedRing({ words, layout }, buffer)), path, true);
  }

  /**
   * Opens a ring that another process made; or another thread, or this one.
   *
   * @throws `FAULT_CONFIG` for what is no ring's memory, or another version's; `FAULT_IO` with what the system said,
   * such as a file of another user.
   */
  static attach(place: ProcessRingPlace): ProcessRing {
    checkKeys("processRing", place, ["fd", "path"]);
    const { fd, path }: { readonly fd?: number; readonly path?: string } = place;
    if ((fd === undefined) === (path === undefined)) {
      const expected = "either fd or path";
      throw new Fault("FAULT_CONFIG", { path: "processRing", value: place, expected });
    }
    const memory = new (ringDoor().RingMemory)();
    const failed =
      path === undefined
        ? memory.attachFd(checkInteger("processRing.fd", fd ?? -1, 0, 2_147_483_647))
        : memory.attachPath(checkPath(path));
    const [where, value] = path === undefined ? ["processRing.fd", fd] : ["processRing.path", path];
    if (typeof failed === "string") {
      throw new Fault("FAULT_CONFIG", {
        path: where,
        value: `${value}: ${failed}`,
        expected: "a ring's memory",
      });
    }
    if (failed < 0) throw systemFault(where, value, failed);
    const buffer = memory.buffer();
    const cells = new Int32Array(buffer);
    const opened = { words: new NativeWords(cells, memory), layout: layoutOf(memory, cells) };
    return new ProcessRing(memory, new RingBuffer(new OpenedRing(opened, buffer)), path, false);
  }

  /** The file descriptor to start other processes with, in `stdio`; -1 after `close`. */
  get fd(): number {
    return this.#memory.fd();
  }

  /**
   * Closes the file descriptor and, by who made it, removes the file: nobody finds the ring from then on, those who
   * have it go on. The memory is given back when no process has a view of it.
   */
  close(): void {
    if (this.fd < 0) return;
    const left = this.#isMaker && this.path !== undefined ? this.#memory.unpublish(this.path) : 0;
    this.#memory.closeFile();
    if (left < 0 && left !== ENOENT) throw systemFault("processRing.path", this.path, left);
  }
}

const ENOENT = -2;
const EEXIST = -17;
const NOT_THREADS = ["capacity", "slotBytes", "producers", "consumers", "consumersMax", "firstSequence"];

function checkPath(path: string): string {
  checkText("processRing.path", path);
  if (path.startsWith("/") && !path.endsWith("/") && !path.includes("\0")) return path;
  throw new Fault("FAULT_CONFIG", {
    path: "processRing.path",
    value: path,
    expected: "an absolute path of a file",
  });
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf("/")));
}

/** The layout of what was attached; what is no ring's is let go. */
function layoutOf(memory: NativeRingMemory, cells: Int32Array): RingLayout {
  try {
    return readLayout(cells);
  } catch (fault) {
    memory.closeFile();
    throw fault;
  }
}

/** Of a capacity that memory lacks for, of a path that cannot be, or of a system that has no such memory. */
function notMade(path: string | undefined, capacity: number, bytes: number, failed: number): Fault {
  const size = `${capacity} slots, ${bytes} bytes`;
  if (lacksMemory(failed)) return systemFault("processRing.capacity", size, failed);
  return path === undefined
    ? systemFault("processRing", size, failed)
    : systemFault("processRing.path", path, failed);
}

function takenPath(path: string, isOpen: number): Fault {
  const known =
    isOpen === 1 ? "a process has it open" : "no process has it open: one that died left it behind";
  const who = isOpen < 0 ? "whether a process has it open is not known" : known;
  const expected = isOpen === 0 ? "a path without a file: remove it" : "another path, or attach";
  return new Fault("FAULT_INPUT", { path: "processRing.path", value: `${path}, ${who}`, expected });
}
