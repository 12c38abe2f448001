import { readJournal } from "../host/index.ts";
import { MESSAGE_FIELD } from "../model/index.ts";
import type { DrillRequest } from "./drill-message.ts";
import { readSending, SESSION } from "./session-record.ts";

const EXEC_ID_AT = 16 + 8 * MESSAGE_FIELD.execId;

/** What of it was acknowledged and is in no record. */
export interface DrillLoss {
  /** Orders, replaces and cancels that the venue has. */
  readonly requests: number;
  /** Executions that the session had said it has. */
  readonly executions: number;
}

/** What a life of a drill's session was seen to do, to be found again in its journal. */
export class DrillEvidence {
  #requests: string[] = [];
  #executions: number[] = [];
  #lastSeq = 0;

  /** The last record found so far. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  sent({ what, id, requestId }: DrillRequest): void {
    this.#requests.push(nameOf(what === "cancel", id, requestId));
  }

  got(execId: number): void {
    this.#executions.push(execId);
  }

  /** Reads what the journal has since the last time, and says what is missing. */
  check(folder: string): DrillLoss {
    const requests = new Set<string>();
    const executions = new Set<number>();
    const fromSeq = this.#lastSeq + 1;
    const take = ({ seq, type, payload }: { seq: number; type: number; payload: Uint8Array }): void => {
      this.#lastSeq = seq;
      if (type === SESSION.sending) {
        const { kind, id, requestId } = readSending(viewOf(payload));
        requests.add(nameOf(kind === "cancel", id, requestId));
      } else if (type === SESSION.report) executions.add(viewOf(payload).getFloat64(EXEC_ID_AT, true));
    };
    readJournal(folder, take, { fromSeq });
    const loss = {
      requests: this.#requests.filter((name) => !requests.has(name)).length,
      executions: this.#executions.filter((execId) => !executions.has(execId)).length,
    };
    this.#requests = [];
    this.#executions = [];
    return loss;
  }
}

/** Orders and replaces are told apart by their request. */
function nameOf(isCancel: boolean, id: number, requestId: number): string {
  return `${isCancel ? "cancel" : "order"} ${id} ${requestId}`;
}

function viewOf(payload: Uint8Array): DataView {
  return new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
}
