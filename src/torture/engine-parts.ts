import type { Prng } from "../base/index.ts";
import type { OutboundOrder } from "../port/index.ts";
import type { Break } from "../recon/index.ts";
import type { KillLatch, KillScopes, LatchRecord } from "../risk/index.ts";
import type { SessionOptions } from "../run/index.ts";
import type { Connection } from "./connection.ts";
import type { Coverage } from "./coverage.ts";
import type { FaultName } from "./fault-kinds.ts";
import type { Scheduler } from "./scheduler.ts";
import type { SavedSession } from "./session-options.ts";
import type { TortureDisk } from "./torture-disk.ts";
import type { TortureVenue } from "./torture-venue.ts";

/** One venue as an engine reaches it. */
export interface EngineVenue {
  readonly name: string;
  /** Places of its instruments in the kernel. */
  readonly stations: readonly number[];
  readonly connection: Connection;
  readonly venue: TortureVenue;
}

/** What outlives an engine beside its disk: the kill latch and its store, sequence numbers, human decisions. */
export interface EngineEstate {
  readonly latch: KillLatch;
  readonly scopes: KillScopes;
  killRecord: LatchRecord | undefined;
  readonly sequences: (SavedSession | undefined)[];
}

/** What an engine is made from. */
export interface EngineParts {
  readonly scheduler: Scheduler;
  readonly rng: Prng;
  readonly disk: TortureDisk;
  readonly venues: readonly EngineVenue[];
  readonly estate: EngineEstate;
  readonly options: SessionOptions;
  /** Whether segments that no snapshot needs are removed each second. */
  readonly retires: boolean;
  /** Whether a missing journal is a new one: false once an order was sent. */
  readonly mayCreate: boolean;
  /** How far the host's clock is off now. @units ns */
  readonly clockErrorNs: () => number;
  /** Where the process is asked to die, at the boundary of a send. */
  readonly atSend: (isAfter: boolean, kind: number, id: number, lots: number) => void;
  /** The process has settled that a connection is lost. */
  readonly disconnected: (stations: readonly number[]) => void;
  /** A strategy has thrown, and is stopped. */
  readonly threw: (error: unknown) => void;
  /** The process has died of something. */
  readonly died: (error: unknown) => void;
  /** The largest position of each instrument. @units lots */
  readonly positionLotsMax: number;
  /** Counts what happens to orders. */
  readonly coverage: Coverage | undefined;
  /** The process has noticed faults of a class. */
  readonly found: (name: FaultName, count?: number) => void;
  /** A position differs from its venue's by more than executions explain. */
  readonly drifted: (about: Break) => void;
}

/** A request that no connection took. */
export interface Unsent {
  readonly gateway: number;
  readonly station: number;
  readonly terms: OutboundOrder;
  readonly isCancel: boolean;
}
