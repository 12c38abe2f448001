import type { Prng } from "../base/index.ts";
import { CRASH_POINTS, type CrashPoint } from "./crash-points.ts";
import type { EngineVenue } from "./engine-parts.ts";
import { type FaultName, faultKind } from "./fault-kinds.ts";
import type { PlannedFault } from "./fault-plan.ts";
import type { LinkFaults } from "./link-faults.ts";
import type { TortureWorld } from "./torture-world.ts";
import { VENUE_FAULTS, type VenueFaultKind } from "./venue-faults.ts";

type Hand = (fault: PlannedFault) => void;
type Hands = Readonly<Partial<Record<FaultName, Hand>>>;

/** Nothing is late by more than a run has time to come to rest after. @units ns */
const DELAY_NS_MAX = 10_000_000_000;

/** Rates of a link's faults by the classes that set them. */
const LINK_RATES: Readonly<Partial<Record<FaultName, keyof LinkFaults>>> = {
  messageDrop: "drop",
  messageDuplicate: "duplicate",
  messageReorder: "reorder",
  messageDelay: "delay",
  messageCorrupt: "corrupt",
};

/** What a plan's faults do to a world. Classes without a place here do nothing: see {@link FaultHands.can}. */
export class FaultHands {
  /** How often each class took effect, by name. */
  readonly injected = new Map<FaultName, number>();
  /** Whether bytes of the medium were damaged: a process may refuse to start then. */
  hasDamagedDisk = false;
  /** Faults of the disk that are on, or have damaged it. */
  readonly diskFaultsOn = new Set<FaultName>();
  readonly #world: TortureWorld;
  readonly #rng: Prng;
  readonly #begins: Hands;
  readonly #ends: Hands;

  constructor(world: TortureWorld, rng: Prng) {
    this.#world = world;
    this.#rng = rng;
    this.#begins = this.#makeBegins();
    this.#ends = this.#makeEnds();
  }

  /** Whether a class of faults has an effect here. */
  can(fault: FaultName): boolean {
    return LINK_RATES[fault] !== undefined || isVenueFault(fault) || this.#begins[fault] !== undefined;
  }

  /** The fault begins, or happens. */
  begin(fault: PlannedFault): void {
    if (!this.can(fault.fault)) return;
    this.injected.set(fault.fault, (this.injected.get(fault.fault) ?? 0) + 1);
    if (faultKind(fault.fault).domain === "disk") this.diskFaultsOn.add(fault.fault);
    const rate = LINK_RATES[fault.fault];
    if (rate !== undefined) this.#link(fault, rate, fault.parameters.probability ?? 0);
    else if (this.#begins[fault.fault] !== undefined) this.#begins[fault.fault]?.(fault);
    else this.#venueFault(fault, fault.parameters.probability ?? 1);
  }

  /** The fault ends. */
  end(fault: PlannedFault): void {
    if (!DAMAGING.includes(fault.fault)) this.diskFaultsOn.delete(fault.fault);
    const rate = LINK_RATES[fault.fault];
    if (rate !== undefined) this.#link(fault, rate, 0);
    else if (this.#ends[fault.fault] !== undefined) this.#ends[fault.fault]?.(fault);
    else if (isVenueFault(fault.fault)) this.#venueFault(fault, 0);
  }

  /** Nothing goes wrong any more: the phase in which everything has to come to rest. */
  healAll(): void {
    const world = this.#world;
    for (const { venue, connection } of world.venues) {
      venue.heal();
      connection.isReachable = true;
      for (const link of [connection.toVenue, connection.toClient])
        Object.assign(link.faults, NO_LINK_FAULTS);
    }
    const { faults } = world.disk;
    Object.assign(faults, NO_DISK_FAULTS);
    world.mendClock();
    world.limits.restore(world.engine);
    world.dieAtSend = undefined;
    world.killAtSend = false;
    this.lift();
  }

  #at(fault: PlannedFault): EngineVenue {
    const { venues } = this.#world;
    return venues[fault.target % venues.length] as EngineVenue;
  }

  #link(fault: PlannedFault, rate: keyof LinkFaults, probability: number): void {
    const { toVenue, toClient } = this.#at(fault).connection;
    for (const { faults } of [toVenue, toClient]) {
      faults[rate] = probability;
      const { delayNs = 0 } = fault.parameters;
      if (rate === "delay") faults.delayNs = delayNs;
      else if (rate !== "drop" && rate !== "corrupt") faults.reorderNs = delayNs;
    }
  }

  #venueFault({ fault, target, parameters }: PlannedFault, probability: number): void {
    const { venues } = this.#world;
    const { venue } = venues[target % venues.length] as EngineVenue;
    const { delayNs, count, ppm } = parameters;
    venue.setFault({
      kind: fault as VenueFaultKind,
      probability,
      ...(delayNs === undefined ? {} : { delayNs: Math.min(delayNs, DELAY_NS_MAX) }),
      ...(count === undefined || count < 1 ? {} : { count }),
      ...(ppm === undefined ? {} : { ppm }),
    });
  }

  #makeBegins(): Hands {
    return {
      ...this.#connectionHands(),
      ...this.#processHands(),
      ...this.#diskHands(),
      ...this.#clockHands(),
      kill: () => {
        if (this.#rng.below(2) === 0) this.#kill();
        else this.#world.killAtSend = true;
      },
      killRelease: () => this.lift(),
      limitCut: ({ parameters }) => this.#world.limits.cut(parameters.percent ?? 0, this.#world.engine),
      configChange: () => this.#world.limits.meddle(this.#world.engine),
    };
  }

  #connectionHands(): Hands {
    const world = this.#world;
    return {
      halfOpen: (fault) => this.#at(fault).connection.halfOpen(fault.parameters.direction === 1 ? 1 : 0),
      linkCut: (fault) => {
        const { connection } = this.#at(fault);
        connection.isReachable = false;
        connection.cut();
      },
      slowConsumer: (fault) => {
        this.#at(fault).connection.toClient.faults.readPerSecond = fault.parameters.readPerSecond ?? 0;
      },
      disconnect: (fault) => {
        const { venue } = this.#at(fault);
        venue.cancelsOnDisconnect = fault.parameters.cancels === 1;
        venue.setFault({ kind: "disconnect" });
      },
      failoverSilent: (fault) => this.#at(fault).venue.setFault({ kind: "failoverSilent" }),
      sequenceReset: (fault) => world.venueSessions[fault.target % world.venues.length]?.forgetSequence(),
      gapFill: (fault) => world.venueSessions[fault.target % world.venues.length]?.skipSequence(3),
    };
  }

  #processHands(): Hands {
    const world = this.#world;
    const crash = (mode: "before" | "partly" | "after", point: CrashPoint): Hand => {
      return ({ parameters }) => {
        world.crashPoint = point;
        world.disk.faults.crashAt = world.disk.operations + (parameters.skip ?? 0);
        world.disk.faults.crashMode = mode;
        world.lossOnDeath = parameters.loss ?? 0;
      };
    };
    const atSend = (when: "before" | "after", point: CrashPoint): Hand => {
      return ({ parameters }) => {
        world.crashPoint = point;
        world.dieAtSend = when;
        world.sendsToSkip = parameters.skip ?? 0;
        world.lossOnDeath = parameters.loss ?? 0;
      };
    };
    return {
      crashBeforeWrite: crash("before", CRASH_POINTS[0]),
      crashInWrite: crash("partly", CRASH_POINTS[1]),
      crashBeforeSync: crash("after", CRASH_POINTS[2]),
      crashBeforeEffect: atSend("before", CRASH_POINTS[3]),
      crashAfterEffect: atSend("after", CRASH_POINTS[4]),
      outOfMemory: () => world.kill(0, CRASH_POINTS[5]),
      processPause: ({ parameters }) =>
        world.engine?.pause(world.nowNs + Math.min(parameters.delayNs ?? 0, DELAY_NS_MAX)),
      slowCollection: ({ parameters }) => world.engine?.pause(world.nowNs + (parameters.delayNs ?? 0)),
      doubleLeader: () => world.oracles.secondLeader(),
      diskTornWrite: () => world.kill(3, CRASH_POINTS[6]),
    };
  }

  #diskHands(): Hands {
    const world = this.#world;
    const disk = (set: (fault: PlannedFault, faults: TortureWorld["disk"]["faults"]) => void): Hand => {
      return (fault) => set(fault, world.disk.faults);
    };
    const chance = ({ parameters }: PlannedFault): number => parameters.probability ?? 0;
    return {
      diskReadError: disk((fault, faults) => (faults.readErrors = chance(fault))),
      diskWriteError: disk((fault, faults) => (faults.writeErrors = chance(fault))),
      diskSyncError: disk((fault, faults) => (faults.syncErrors = chance(fault))),
      diskFull: disk((fault, faults) => {
        const used = faults.capacityBytes - world.disk.freeBytes("/journal");
        faults.capacityBytes = used + (fault.parameters.bytes ?? 0);
      }),
      diskSlow: disk((fault, faults) => (faults.slowness = fault.parameters.times ?? 1)),
      diskStall: disk((fault, faults) => {
        faults.stalls = chance(fault);
        faults.stallNs = fault.parameters.delayNs ?? 0;
      }),
      diskReadOnly: disk((_, faults) => (faults.isReadOnly = true)),
      diskShortTransfer: disk((fault, faults) => (faults.shortTransfers = chance(fault))),
      diskBitFlip: () => {
        this.hasDamagedDisk = true;
        world.disk.flipBit();
      },
      diskTruncated: ({ parameters }) => {
        const path = this.#anyFile();
        if (path === undefined) return;
        this.hasDamagedDisk = true;
        world.disk.truncateFile(path, Math.min(parameters.bytes ?? 1, world.disk.bytes(path).length));
      },
      diskEntryLost: () => {
        const path = this.#anyFile();
        if (path === undefined) return;
        this.hasDamagedDisk = true;
        world.disk.loseEntry(path);
      },
      diskSyncLie: (fault) => {
        this.hasDamagedDisk = true;
        world.disk.faults.syncLies = chance(fault);
      },
      diskMisdirected: (fault) => {
        this.hasDamagedDisk = true;
        world.disk.faults.misdirectedWrites = chance(fault);
      },
      diskStaleLock: () => {
        world.disk.faults.locksSurvive = true;
      },
    };
  }

  #clockHands(): Hands {
    const world = this.#world;
    return {
      hostClockJump: ({ parameters }) => {
        world.clockOffsetNs += Math.max(-5e9, Math.min(5e9, parameters.delayNs ?? 0));
      },
      hostClockDrift: ({ parameters }) => this.#drift(parameters.ppm ?? 0),
      timeSourceLoss: ({ parameters }) => this.#drift(parameters.ppm ?? 0),
      hostLeapSecond: () => {
        world.clockOffsetNs -= 1e9;
      },
    };
  }

  #makeEnds(): Hands {
    const world = this.#world;
    const set = (change: (faults: TortureWorld["disk"]["faults"]) => void): Hand => {
      return () => change(world.disk.faults);
    };
    return {
      linkCut: (fault) => {
        this.#at(fault).connection.isReachable = true;
      },
      halfOpen: (fault) => this.#at(fault).connection.cut(),
      slowConsumer: (fault) => {
        this.#at(fault).connection.toClient.faults.readPerSecond = 0;
      },
      gapFill: () => {},
      limitCut: () => world.limits.lift(world.engine),
      diskReadError: set((faults) => (faults.readErrors = 0)),
      diskWriteError: set((faults) => (faults.writeErrors = 0)),
      diskSyncError: set((faults) => (faults.syncErrors = 0)),
      diskFull: set((faults) => (faults.capacityBytes = NO_DISK_FAULTS.capacityBytes)),
      diskSlow: set((faults) => (faults.slowness = 1)),
      diskStall: set((faults) => (faults.stalls = 0)),
      diskReadOnly: set((faults) => (faults.isReadOnly = false)),
      diskShortTransfer: set((faults) => (faults.shortTransfers = 0)),
      slowCollection: () => {},
      doubleLeader: () => {},
      diskSyncLie: set((faults) => (faults.syncLies = 0)),
      diskMisdirected: set((faults) => (faults.misdirectedWrites = 0)),
      diskStaleLock: () => this.#freeLock(),
      hostClockDrift: () => this.#drift(0),
      timeSourceLoss: () => this.#drift(0),
    };
  }

  #anyFile(): string | undefined {
    const paths = this.#world.disk.paths();
    return paths[this.#rng.below(Math.max(1, paths.length))];
  }

  /** Somebody removes the lock that a dead process left. */
  #freeLock(): void {
    const { disk, engine } = this.#world;
    disk.faults.locksSurvive = false;
    if (engine?.isAlive === true) return;
    for (const path of disk.paths()) disk.breakLock(path);
    disk.breakLock("/journal/lock");
  }

  #drift(ppm: number): void {
    const world = this.#world;
    world.clockOffsetNs = world.clockErrorNs();
    world.clockSinceNs = world.nowNs;
    world.clockPpm = ppm;
  }

  #kill(): void {
    const { engine } = this.#world;
    if (engine?.isAlive !== true) return;
    const now = engine.session.kernel.nowNs[0] as number;
    engine.killSwitch.activate({ who: "ann", channel: "gui", scope: null, level: 2, reason: "torture" }, now);
    this.#world.oracles.killed();
  }

  /** Pulls the kill switch now. */
  killNow(): void {
    this.#kill();
  }

  /** Two persons lift the kill; where no process lives, once one does. */
  lift(): void {
    const { engine, oracles } = this.#world;
    this.#world.liftAtBoot = engine?.isAlive !== true;
    if (engine?.isAlive !== true) return;
    const now = engine.session.kernel.nowNs[0] as number;
    const request = { channel: "gui", scope: null, reason: "torture" } as const;
    engine.killSwitch.requestReenable({ ...request, who: "ann", override: "torture" }, now);
    const lifted = engine.killSwitch.confirmReenable({ ...request, who: "rob" }, now);
    if (lifted.ok) oracles.lifted();
  }

  /** A draw for whoever carries a fault out. */
  below(bound: number): number {
    return this.#rng.below(bound);
  }
}

const DAMAGING: readonly FaultName[] = [
  "diskBitFlip",
  "diskTruncated",
  "diskEntryLost",
  "diskSyncLie",
  "diskMisdirected",
];

const NO_LINK_FAULTS: LinkFaults = {
  drop: 0,
  duplicate: 0,
  reorder: 0,
  reorderNs: 0,
  delay: 0,
  delayNs: 0,
  corrupt: 0,
  readPerSecond: 0,
};

const NO_DISK_FAULTS = {
  readErrors: 0,
  writeErrors: 0,
  syncErrors: 0,
  shortTransfers: 0,
  isReadOnly: false,
  capacityBytes: Number.MAX_SAFE_INTEGER,
  syncLies: 0,
  misdirectedWrites: 0,
  locksSurvive: false,
  slowness: 1,
  stalls: 0,
  crashAt: -1,
} as const;

function isVenueFault(fault: FaultName): boolean {
  return (VENUE_FAULTS as readonly string[]).includes(fault);
}
