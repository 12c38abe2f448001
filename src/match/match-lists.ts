import { MATCH_EVENT, MATCH_REASON } from "./match-events.ts";
import { MatchFlow } from "./match-flow.ts";
import { PLACE } from "./match-rows.ts";

/** Orders that belong together. @invariant once the parent has ended, `parent` is 0 and the others are active */
export interface LiveList {
  parent: number;
  others: number[];
  /** A trade of one takes its lots off the others; else it ends them. */
  readonly reduces: boolean;
}

/**
 * Orders in lists: a parent whose end makes others active, for what it has executed, and others of which one's trade
 * ends or reduces the rest.
 */
export class MatchLists extends MatchFlow {
  protected readonly lists = new Map<number, LiveList>();
  protected lastList = 0;

  protected override listReduces(list: number): boolean {
    return this.lists.get(list)?.reduces === true;
  }

  protected override listTraded(row: number, lots: number): void {
    const list = this.lists.get(this.rows.list[row] as number);
    if (list === undefined || list.parent !== 0) return;
    if (list.reduces && lots === 0) return;
    for (const other of [...list.others]) {
      if (other === row || this.rows.place[other] === PLACE.none) continue;
      if (list.reduces && lots < (this.rows.leaves[other >> 1] as number)) {
        this.shrink(other, lots);
        this.note(
          MATCH_EVENT.restated,
          other,
          this.rows.lots[other >> 1] as number,
          MATCH_REASON.oneCancelsOther,
        );
      } else this.cancelRow(other, MATCH_REASON.oneCancelsOther);
    }
  }

  protected override listEnded(row: number): void {
    const { rows } = this;
    const id = rows.list[row] as number;
    const list = this.lists.get(id);
    if (list === undefined) return;
    if (row !== list.parent) {
      list.others = list.others.filter((other) => other !== row);
      if (list.others.length === 0 && list.parent === 0) this.lists.delete(id);
      return;
    }
    list.parent = 0;
    const executed = (rows.lots[row >> 1] as number) - (rows.leaves[row >> 1] as number);
    const others = [...list.others];
    if (list.others.length === 0) this.lists.delete(id);
    for (const other of others) {
      const excess = (rows.leaves[other >> 1] as number) - executed;
      if (executed === 0) this.cancelRow(other, MATCH_REASON.parentEnded);
      else {
        if (excess > 0) this.shrink(other, excess);
        this.note(MATCH_EVENT.released, other, rows.lots[other >> 1] as number, MATCH_REASON.none);
        this.makeReady(other);
      }
    }
  }
}
