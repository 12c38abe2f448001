import { Fault } from "../base/index.ts";
import type { Break } from "../recon/index.ts";

/** What was done about one break so far. JSON-safe. */
export interface ReconNote {
  readonly name: string;
  /** The action that was asked for last, and when. */
  readonly asked: string;
  readonly askedNs: number;
  /** Reasons and differences that a human was told. */
  readonly told: readonly string[];
  /** The action and the difference that a human approved; empty where none. */
  readonly approved: string;
}

/** An approval: the break, its action and its difference. JSON-safe. */
export type ReconApproved = Pick<ReconNote, "name" | "approved">;

/** What the breaks' notes save, JSON-safe. */
export type SavedReconNotes = readonly ReconNote[];

/** The name of a break. */
export function nameOfBreak(each: Pick<Break, "kind" | "key">): string {
  return `${each.kind} ${each.key}`;
}

/**
 * What was asked, told and approved about breaks that are open: so that a venue is not asked the same thing at every
 * comparison, and a human is told once.
 */
export class ReconNotes {
  readonly #notes = new Map<string, ReconNote>();

  /** Whether the same was asked less than `everyNs` ago. */
  isAsked(each: Break, nowNs: number, everyNs: number): boolean {
    const note = this.#notes.get(nameOfBreak(each));
    return note !== undefined && note.asked === each.action.type && nowNs - note.askedNs < everyNs;
  }

  ask(each: Break, nowNs: number): void {
    this.#write(nameOfBreak(each), { asked: each.action.type, askedNs: nowNs });
  }

  /** Whether a human is to be told; from then on, that was told. */
  tell(each: Break, reason: string): boolean {
    const name = nameOfBreak(each);
    const told = this.#notes.get(name)?.told ?? [];
    const news = `${reason} ${each.action.type} ${each.mark}`;
    if (told.includes(news)) return false;
    this.#write(name, { told: [...told.slice(-15), news] });
    return true;
  }

  /**
   * A human approves what a break asks for as it is now: of another difference a human is asked anew. Gives what
   * says so where that is replayed.
   */
  approve(each: Break): ReconApproved {
    const [name, approved] = [nameOfBreak(each), termsOf(each)];
    this.#write(name, { approved });
    return { name, approved };
  }

  /** An approval is replayed. */
  approveAgain({ name, approved }: ReconApproved): void {
    this.#write(name, { approved });
  }

  isApproved(each: Break): boolean {
    return this.#notes.get(nameOfBreak(each))?.approved === termsOf(each);
  }

  /** The break is gone. */
  forget(each: Break): void {
    this.#notes.delete(nameOfBreak(each));
  }

  save(): SavedReconNotes {
    return [...this.#notes.values()];
  }

  /** Takes what `save` wrote, into an empty one. @throws `FAULT_INPUT` for anything else. */
  load(saved: SavedReconNotes): void {
    for (const note of saved) {
      if (typeof note?.name !== "string" || !Array.isArray(note.told)) {
        throw new Fault("FAULT_INPUT", { path: "saved.notes", value: note, expected: "what save wrote" });
      }
      this.#notes.set(note.name, note);
    }
  }

  #write(name: string, change: Partial<ReconNote>): void {
    const before = this.#notes.get(name) ?? { name, asked: "", askedNs: 0, told: [], approved: "" };
    this.#notes.set(name, { ...before, ...change });
  }
}

function termsOf({ action, mark }: Break): string {
  return `${action.type} ${mark}`;
}

/** Reads the words of an approval. @throws `FAULT_JOURNAL_FORMAT` for anything else */
export function readApproved(note: string): ReconApproved {
  try {
    const { name, approved } = JSON.parse(note) as Partial<ReconApproved>;
    if (typeof name === "string" && typeof approved === "string") return { name, approved };
  } catch {
    // Told below.
  }
  const expected = "an approval of a reconciliation desk";
  throw new Fault("FAULT_JOURNAL_FORMAT", { path: "recon.approval", value: note, expected });
}
