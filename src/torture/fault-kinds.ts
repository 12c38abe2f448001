import { CHANCE, DELAY, type FaultKind, lasting, real, sudden, whole } from "./fault-kind.ts";

const NOTICED = { isDetectable: true } as const;
const EXCESS = { allowsExcess: true } as const;
const LATER = { probability: CHANCE, delayNs: DELAY } as const;
const OFTEN = { probability: CHANCE } as const;
const PAUSE = whole(1_000_000, 60_000_000_000);
const HOUR_NS = 3_600_000_000_000;

/** Boundaries let through first; lost is 0 the process, 1 to 3 power with none, all, any surviving. */
const CRASH = { skip: whole(0, 50), loss: whole(0, 3) } as const;

/**
 * Every class of faults that a run can be given, by name, with its parameters and their ranges.
 *
 * Order reports, venue and feed are named as in `VENUE_FAULTS`. `delayNs` is a latest moment or a length, ns;
 * `probability` is per message, request or operation; `ppm` is parts per million.
 */
export const FAULTS = Object.freeze({
  messageDrop: lasting("network", "Messages are lost and nobody is told.", OFTEN),
  messageDuplicate: lasting("network", "Messages come twice.", LATER),
  messageReorder: lasting("network", "Messages are overtaken by later ones.", LATER),
  messageDelay: lasting("network", "Messages, and all behind them, are held.", LATER),
  messageCorrupt: lasting("network", "One bit of a message is flipped.", OFTEN, NOTICED),
  halfOpen: lasting("network", "One direction is dead and its sender sees no error.", {
    direction: whole(0, 1),
  }),
  linkCut: lasting(
    "network",
    "The connection is gone; what was on its way is lost, or a part of it arrives.",
  ),
  slowConsumer: lasting(
    "network",
    "The receiver reads slowly, until its queue overflows and it is cut off.",
    {
      readPerSecond: whole(1, 10_000, 10_000),
    },
  ),

  ackLost: lasting("venue", "An acceptance, cancel or replace is not told.", OFTEN),
  fillLost: lasting("venue", "An execution is not told.", OFTEN, { ...EXCESS, ...NOTICED }),
  fillBeforeAck: lasting("venue", "An execution is told before the acceptance of its order.", OFTEN),
  lateFill: lasting("venue", "An execution is told after the cancel it came before.", LATER, EXCESS),
  duplicateExec: lasting("venue", "An execution is told twice under one id.", LATER, NOTICED),
  bust: lasting("venue", "An execution is taken back.", LATER, EXCESS),
  correct: lasting("venue", "An execution is corrected in price or quantity.", LATER, EXCESS),
  overfill: lasting(
    "venue",
    "More is filled than was ordered.",
    { probability: CHANCE, count: whole(1, 100) },
    {
      ...EXCESS,
      ...NOTICED,
    },
  ),
  unsolicitedCancel: lasting("venue", "An order is canceled that nobody canceled.", LATER),
  cancelRace: lasting("venue", "An order fills before its cancel arrives.", OFTEN),
  replaceRace: lasting("venue", "An order fills, whole or in part, before its replace arrives.", OFTEN),
  partialMassCancel: lasting("venue", "A mass cancel leaves some orders.", OFTEN),
  rejectStorm: lasting("venue", "Requests are rejected one after another.", OFTEN),
  unknownId: lasting("venue", "A report names an id of nobody.", OFTEN, NOTICED),
  wrongId: lasting("venue", "A report names the id of another order.", OFTEN, NOTICED),
  throttle: lasting("venue", "More requests a second than so many are refused.", {
    count: whole(1, 1_000, 1_000),
  }),
  disconnect: sudden("venue", "The venue drops the session, with cancel-on-disconnect or without.", {
    cancels: whole(0, 1),
  }),
  sequenceReset: sudden("venue", "The venue begins its sequence numbers again."),
  gapFill: lasting("venue", "The venue fills gaps instead of sending messages again.", OFTEN),
  clockSkew: sudden("venue", "The venue's clock is off.", {
    delayNs: whole(-HOUR_NS, HOUR_NS, 0),
  }),
  clockDrift: sudden("venue", "The venue's clock goes wrong.", { ppm: real(-500, 500, 0) }),
  leapSecond: sudden("venue", "The venue's clock repeats a second."),
  failoverSilent: sudden("venue", "The venue loses its book and tells nobody.", { count: whole(0, 1) }),
  failoverCancels: sudden("venue", "The venue loses its book and cancels every order."),
  failoverRollback: sudden(
    "venue",
    "The venue undoes its last acceptances and executions.",
    { count: whole(1, 50), delayNs: DELAY },
    EXCESS,
  ),
  halt: sudden("venue", "Trading halts."),
  resume: sudden("venue", "Trading resumes."),

  feedGap: lasting("feed", "Packets of the feed are missing.", OFTEN, NOTICED),
  feedDuplicate: lasting("feed", "Packets of the feed come twice.", OFTEN),
  feedReorder: lasting("feed", "Packets of the feed are overtaken.", LATER),
  feedStale: lasting("feed", "The feed is silent and its numbers go on.", { delayNs: PAUSE }, NOTICED),
  feedCrossed: lasting("feed", "The best bid is above the best ask.", OFTEN, NOTICED),
  feedLocked: lasting("feed", "The best bid is the best ask.", OFTEN),
  feedFatPrice: lasting("feed", "A price is far from all others.", OFTEN, NOTICED),
  feedZeroPrice: lasting("feed", "A price is zero or below.", OFTEN, NOTICED),
  feedDiverge: lasting("feed", "The two channels of the feed say different things.", OFTEN, NOTICED),
  feedSnapshot: lasting("feed", "A snapshot of the book is wrong.", OFTEN, NOTICED),

  crashBeforeWrite: sudden("process", "The process ends before it writes to its journal.", CRASH),
  crashInWrite: sudden("process", "The process ends with a part of a write done.", CRASH),
  crashBeforeSync: sudden("process", "The process ends between a write and its sync.", CRASH),
  crashBeforeEffect: sudden(
    "process",
    "The process ends between a sync and what it allows to be sent.",
    CRASH,
  ),
  crashAfterEffect: sudden("process", "The process ends after a send, before it is marked as sent.", CRASH),
  processPause: sudden("process", "The process stands still.", { delayNs: PAUSE }),
  outOfMemory: sudden("process", "The process is killed for its memory."),
  slowCollection: lasting("process", "The process stands still again and again.", {
    delayNs: whole(1_000_000, 2_000_000_000),
    everyNs: whole(10_000_000, 10_000_000_000, 10_000_000_000),
  }),
  standbyLag: lasting("process", "The standby is behind.", { delayNs: PAUSE }),
  splitBrain: lasting("process", "Primary and standby do not see each other."),
  doubleLeader: lasting("process", "Two processes believe to lead.", {}, NOTICED),
  staleLease: lasting(
    "process",
    "A lease has run out and its holder does not know.",
    { delayNs: PAUSE },
    NOTICED,
  ),

  diskTornWrite: sudden("disk", "Power goes; of what was not synced any sectors are there.", {
    skip: whole(0, 50),
  }),
  diskBitFlip: sudden("disk", "One bit of the medium is flipped.", {}, NOTICED),
  diskMisdirected: lasting("disk", "A write lands in another place.", OFTEN, NOTICED),
  diskSyncLie: lasting("disk", "A sync returns and nothing is durable.", OFTEN),
  diskReadError: lasting("disk", "Reads fail.", OFTEN, NOTICED),
  diskWriteError: lasting("disk", "Writes fail.", OFTEN, NOTICED),
  diskSyncError: lasting("disk", "A sync fails, and what it should have written is lost.", OFTEN, NOTICED),
  diskFull: lasting("disk", "There is room for so many bytes more, then none.", {
    bytes: whole(0, 4_194_304, 4_194_304),
  }),
  diskReadOnly: lasting("disk", "The disk takes no change.", {}, NOTICED),
  diskSlow: lasting("disk", "Every operation takes so many times as long.", { times: real(1, 10_000) }),
  diskStall: lasting("disk", "Some operations take much longer.", LATER),
  diskShortTransfer: lasting("disk", "Reads and writes take a part only.", OFTEN),
  diskTruncated: sudden("disk", "A file loses its end.", { bytes: whole(1, 1_048_576) }, NOTICED),
  diskEntryLost: sudden("disk", "A file loses its name.", {}, NOTICED),
  diskStaleLock: lasting("disk", "A lock outlives its process.", {}, NOTICED),

  hostClockJump: sudden("clock", "Our clock jumps.", { delayNs: whole(-HOUR_NS, HOUR_NS, 0) }, NOTICED),
  hostClockDrift: lasting("clock", "Our clock goes wrong.", { ppm: real(-500, 500, 0) }),
  hostLeapSecond: sudden("clock", "Our clock repeats a second."),
  timeSourceLoss: lasting(
    "clock",
    "Our clock loses its source (PTP) and drifts.",
    { ppm: real(-50, 50, 0) },
    NOTICED,
  ),

  databaseDown: lasting("store", "The database does not answer.", {}, NOTICED),
  databaseSlow: lasting("store", "The database answers late.", { delayNs: PAUSE }),
  queueDown: lasting("store", "The message queue does not answer.", {}, NOTICED),
  queueSlow: lasting("store", "The message queue answers late.", { delayNs: PAUSE }),
  objectStoreDown: lasting("store", "The object store does not answer.", {}, NOTICED),
  objectStoreSlow: lasting("store", "The object store answers late.", { delayNs: PAUSE }),

  configChange: sudden("operator", "The configuration is changed in flight."),
  kill: sudden("operator", "The kill switch is thrown."),
  killRelease: sudden("operator", "The kill switch is reset, by two people."),

  limitCut: lasting("limits", "A limit is cut by so many percent, also below what is in use.", {
    percent: whole(1, 100),
  }),
  integerExtreme: lasting("limits", "Prices and quantities come near the largest integers.", OFTEN),

  dstChange: sudden("calendar", "The offset of the local time changes."),
  sessionBoundary: sudden("calendar", "A trading session ends and the next one begins."),

  // Below the others: codes are places, and a plan is sorted by them.
  restate: lasting("venue", "An order's quantity is cut or its price moved, unasked.", LATER),
  suspendOrder: lasting(
    "venue",
    "Orders are taken out of the matching for a while; a halt takes all.",
    LATER,
  ),
  stopOrder: lasting("venue", "An execution of some lots is guaranteed, and comes later.", LATER),
  expireOrder: lasting("venue", "An order expires though its time has not come.", LATER),
  rejectLate: lasting("venue", "An accepted order is rejected after all.", LATER),
  reinstate: lasting("venue", "An order that was canceled or expired is brought back.", LATER, EXCESS),
  cancelAfterAll: lasting("venue", "A cancel is rejected, and carried out later all the same.", LATER),
  dayEnds: lasting(
    "venue",
    "The day ends: orders are done for the day, and go on or expire in the morning.",
    LATER,
  ),
} satisfies Readonly<Record<string, FaultKind>>);

/** The name of a class of faults. */
export type FaultName = keyof typeof FAULTS;

/** The names in the order of their codes. */
export const FAULT_NAMES = Object.freeze(Object.keys(FAULTS)) as readonly FaultName[];

/** The code of each class: its place in {@link FAULT_NAMES}. */
export const FAULT_CODE = Object.freeze(
  Object.fromEntries(FAULT_NAMES.map((name, code) => [name, code])),
) as Readonly<Record<FaultName, number>>;

/** The class of a name. */
export function faultKind(name: FaultName): FaultKind {
  return FAULTS[name];
}
