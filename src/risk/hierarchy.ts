import { checkArray, checkKeys, checkText, Fault } from "../base/index.ts";
import { LEVELS, type Level, PATH_LENGTH } from "./levels.ts";

/** Who sends an order: a strategy, under a user, in an account, at a desk. Every order must say all four. */
export interface Seat {
  readonly desk: string;
  readonly account: string;
  readonly user: string;
  readonly strategy: string;
}

const SEAT_KEYS = ["desk", "account", "user", "strategy"] as const;

/**
 * The nodes that limits hang on, as dense numbers: the firm is node 0, then desks, accounts, users, strategies,
 * classes and symbols; and for each seat and instrument the seven nodes its orders are measured at.
 *
 * @invariant Nodes below `owners` own positions; a node's level never changes.
 */
export class Hierarchy {
  readonly seats: readonly Seat[];
  readonly nodes: number;
  /** How many nodes own positions. */
  readonly owners: number;
  /** The level of each node, as its place in `LEVELS`. */
  readonly levelOf: Uint8Array;
  readonly nameOf: readonly string[];
  /** Seven nodes for each seat and instrument, at `(seat * instruments + instrument) * 7`. */
  readonly paths: Int32Array;
  readonly #byName: ReadonlyMap<string, number>;
  readonly #seatByStrategy: ReadonlyMap<string, number>;

  constructor(seats: readonly Seat[], instrumentKeys: readonly string[], classes: readonly string[]) {
    this.seats = checkArray("riskGate.seats", seats).map((seat, i) =>
      checkSeat(`riskGate.seats[${i}]`, seat),
    );
    const byName = new Map<string, number>();
    const names: string[] = [];
    const levels: number[] = [];
    const add = (level: Level, name: string): void => {
      if (byName.has(`${level} ${name}`)) return;
      byName.set(`${level} ${name}`, names.length);
      names.push(name);
      levels.push(LEVELS.indexOf(level));
    };
    add("firm", "");
    for (const key of SEAT_KEYS) for (const seat of this.seats) add(key, seat[key]);
    this.owners = names.length;
    for (const name of classes) add("class", name);
    for (const key of instrumentKeys) add("symbol", key);
    this.nodes = names.length;
    this.nameOf = names;
    this.levelOf = Uint8Array.from(levels);
    this.#byName = byName;
    this.#seatByStrategy = new Map(this.seats.map((seat, i) => [seat.strategy, i]));
    if (this.#seatByStrategy.size !== this.seats.length) {
      throw new Fault("FAULT_CONFIG", {
        path: "riskGate.seats",
        value: this.seats.map((seat) => seat.strategy),
        expected: "each strategy once",
      });
    }
    this.paths = this.#lay(instrumentKeys, classes);
  }

  /** The node of a level and name; undefined where there is none. The firm's name is empty. */
  find(level: Level, name: string): number | undefined {
    return this.#byName.get(`${level} ${name}`);
  }

  /** The seat of a strategy; undefined where there is none. */
  seatOf(strategy: string): number | undefined {
    return this.#seatByStrategy.get(strategy);
  }

  /** A node in words: `account A1`, or `firm`. */
  describe(node: number): string {
    const level = LEVELS[this.levelOf[node] as number] as Level;
    return level === "firm" ? level : `${level} ${this.nameOf[node]}`;
  }

  #lay(keys: readonly string[], classes: readonly string[]): Int32Array {
    const paths = new Int32Array(this.seats.length * keys.length * PATH_LENGTH);
    let at = 0;
    for (const seat of this.seats) {
      for (const [i, key] of keys.entries()) {
        const names = ["", seat.desk, seat.account, seat.user, seat.strategy, classes[i] as string, key];
        for (let level = 0; level < PATH_LENGTH; level++) {
          paths[at++] = this.find(LEVELS[level] as Level, names[level] as string) as number;
        }
      }
    }
    return paths;
  }
}

function checkSeat(path: string, seat: Seat): Seat {
  checkKeys(path, seat, SEAT_KEYS);
  for (const key of SEAT_KEYS) checkText(`${path}.${key}`, seat[key]);
  return { ...seat };
}
