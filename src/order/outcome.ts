/**
 * What `apply` made of an event, as codes.
 *
 * | Outcome | Meaning | Book it? | Reconcile? |
 * |---|---|---|---|
 * | applied | as the table says | yes | no |
 * | duplicate | seen before with the same content: nothing changed | no | no |
 * | lateFill | an execution on an order that is no longer open: booked | yes | yes |
 * | overfill | more was filled than ordered: booked | yes | yes |
 * | criticalFill | an execution on an order that was rejected or never sent: booked | yes | yes |
 * | anomaly | not legal here: accounting kept, the venue's last word recorded where it ends the order | no | yes |
 * | conflict | an id seen before with other content: nothing changed | no | yes |
 * | quarantined | a bust or correction of an unknown execution: held until that execution comes | no | yes |
 * | mismatch | the report's own status or quantities differ from ours: nothing was overwritten | no | yes |
 * | malformed | a quantity or id that cannot be: nothing changed | no | yes |
 * | stale | the row holds no order | no | yes |
 * | notOpen | our own request refused: nothing left to change | no | no |
 * | requestPending | our own request refused: a cancel is already on its way | no | no |
 * | requestsFull | our own request refused: too many unanswered requests | no | no |
 * | outdated | older by its sequence than what was applied: a request it answers is answered, nothing else | no | no |
 *
 * "Book it" means `bookedLots` and `undoneLots` of the event may be above 0. After "Reconcile? yes" the order's `ROW_FLAG.reconcile` is
 * set until a `status` that states status and quantity agrees; `RECONCILE_BY_CODE` says it by code.
 */
export const OUTCOME = {
  applied: 0,
  duplicate: 1,
  lateFill: 2,
  overfill: 3,
  criticalFill: 4,
  anomaly: 5,
  conflict: 6,
  quarantined: 7,
  mismatch: 8,
  malformed: 9,
  stale: 10,
  notOpen: 11,
  requestPending: 12,
  requestsFull: 13,
  outdated: 14,
} as const;

/** The name of an outcome. */
export type OutcomeName = keyof typeof OUTCOME;

/** The name of each outcome code. */
export const OUTCOMES = Object.freeze(Object.keys(OUTCOME)) as readonly OutcomeName[];

const RECONCILE: ReadonlySet<OutcomeName> = new Set([
  "lateFill",
  "overfill",
  "criticalFill",
  "anomaly",
  "conflict",
  "quarantined",
  "mismatch",
  "malformed",
  "stale",
]);

/** 1 for each outcome code after which the order must be compared with what the venue holds. */
export const RECONCILE_BY_CODE: Readonly<Uint8Array> = Uint8Array.from(OUTCOMES, (outcome) =>
  RECONCILE.has(outcome) ? 1 : 0,
);
