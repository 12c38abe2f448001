import { describe, expect, it } from "vitest";
import { figures, makeGate, NOW } from "../fixtures/gate-setup.ts";

describe("two strategies of one user", () => {
  const user = { desk: "equities", account: "A1", user: "mara" };
  const holding = () => {
    const gate = makeGate({
      seats: [
        { ...user, strategy: "pairs" },
        { ...user, strategy: "grid" },
      ],
    });
    gate.settlement.book(0, 0, 1, 5, 10_000, NOW);
    gate.settlement.book(1, 0, 1, 3, 10_000, NOW);
    const lots = () => [
      gate.settlement.positionOf(0, 0),
      gate.settlement.positionOf(1, 0),
      figures(gate, gate.parts.node("", "user", "mara")).positionLots,
    ];
    return { gate, lots };
  };

  it("hold each their own, and the user both", () => {
    expect(holding().lots()).toEqual([5, 3, 8]);
  });

  it("lose the odd lot of a reverse split each for itself", () => {
    const { gate, lots } = holding();
    gate.settlement.split(0, 1, 2);
    expect(lots()).toEqual([2, 1, 3]);
  });
});
