import { auditText } from "../audit/index.ts";
import { dataQuality, type MarketDataValidator } from "../feed/index.ts";
import { VALIDITY } from "../model/index.ts";
import type { FeedStageWord } from "./feed-stage.ts";
import type { StageSource } from "./stage-source.ts";

const VALIDATOR = { kind: "service", id: "validator", role: "" } as const;
const ARBITER = { kind: "service", id: "arbiter", role: "" } as const;

/** What was said of a source, and when: nothing is said twice, and not too often. */
export class SourceWords {
  readonly #instrument: string;
  readonly #everyNs: number;
  readonly #toldNs = new Float64Array([Number.NEGATIVE_INFINITY]);
  #state = -1;
  #changes = 0;
  #dropped = 0;
  #reasons: Readonly<Record<string, number>> = {};

  constructor(instrument: string, everyNs: number) {
    this.#instrument = instrument;
    this.#everyNs = everyNs;
  }

  /** What is to be said now; nothing where nothing is new, or it was said of late. What halts waits for nobody. */
  next(source: StageSource, nowNs: number): FeedStageWord | undefined {
    const { validity } = source.validator;
    const changes = validity.changes - this.#changes;
    const dropped = source.dropped - this.#dropped;
    if (changes === 0 && dropped === 0 && this.#state >= 0) return undefined;
    const halts = validity.state === VALIDITY.halted && this.#state !== VALIDITY.halted;
    if (!halts && nowNs - (this.#toldNs[0] as number) < this.#everyNs) return undefined;
    this.#toldNs[0] = nowNs;
    this.#state = validity.state;
    this.#changes = validity.changes;
    this.#dropped = source.dropped;
    const detail = this.#detail(source.validator, dropped, changes);
    const facts = { feed: auditText(source.name, 255), instrument: this.#instrument };
    const payload = dataQuality(validity, detail === "" ? facts : { ...facts, detail: auditText(detail) });
    const words = `${this.#instrument} by ${source.name}: ${payload.state}, ${payload.problem}`;
    return {
      level: validity.state === VALIDITY.valid && dropped === 0 ? "info" : "warn",
      words: detail === "" ? words : `${words}; ${detail}`,
      saying: { type: "marketDataQuality", payload, actor: VALIDATOR },
    };
  }

  #detail(validator: MarketDataValidator, dropped: number, changes: number): string {
    const before = this.#reasons;
    const { reasons } = validator.counts();
    this.#reasons = reasons;
    const found = Object.entries(reasons).flatMap(([reason, count]) => {
      const more = count - (before[reason] ?? 0);
      return more > 0 ? [`${reason} ${more}`] : [];
    });
    return [
      ...(dropped > 0 ? [`${dropped} messages dropped`] : []),
      ...(changes > 1 ? [`${changes} changes`] : []),
      ...found,
    ].join(", ");
  }
}

/** Another source's rows are what strategies see. */
export function failoverWord(
  instrument: string,
  fromFeed: string,
  toFeed: string,
  reason: string,
): FeedStageWord {
  const words = `${instrument}: ${toFeed} in place of ${fromFeed}, ${reason}`;
  const payload = {
    fromFeed: auditText(fromFeed, 255),
    toFeed: auditText(toFeed, 255),
    reason: auditText(`${instrument}: ${reason}`),
  };
  return {
    level: toFeed === NO_FEED ? "error" : "info",
    words,
    saying: { type: "marketDataFailover", payload, actor: ARBITER },
  };
}

/** In place of a feed's name where there is none. */
export const NO_FEED = "none";
