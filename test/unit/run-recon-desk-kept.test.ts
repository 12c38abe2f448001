import { describe, expect, it } from "vitest";
import { isRefusal } from "../../src/base/index.ts";
import { REPORT } from "../../src/model/index.ts";
import { expectPeace, unheard, working } from "../fixtures/recon-cases.ts";
import { ReconRig, S } from "../fixtures/recon-rig.ts";

describe("executions kept", () => {
  it("are bounded; what was let go is compared no more, and still not booked twice", () => {
    const rig = new ReconRig({ fillsKept: 5 });
    working(rig, "buy", 100);
    for (let i = 0; i < 20; i++) {
      rig.later(1);
      rig.venue.fill(1, 1);
    }
    expect(rig.desk.localView(rig.nowNs).fills).toHaveLength(5);
    unheard(rig, () => rig.later(1).venue.fill(1, 2));
    rig.compare();
    expect(rig.carried()).toEqual(["unknownFill 21: bookFill done"]);
    expect(rig.positions()).toEqual([22, 22]);
    const from = rig.desk.promoted(rig.nowNs) ?? rig.desk.due(rig.nowNs)?.fillsFromNs;
    expect(from).toBeGreaterThan(10 * S);
    const old = rig.venue.snapshot(rig.startMinor, []);
    const early = { ...old, asOfNs: 4 * S, fills: [], orders: [], fillsThroughNs: 4 * S };
    expect(isRefusal(rig.desk.take(early, rig.nowNs))).toBe(true);
    expectPeace(rig);
  });

  it("begin at a time, where they are told to", () => {
    const rig = new ReconRig({ fillsFromNs: 5 * S });
    const id = rig.venue.byOrderId(rig.at(2).venue.stranger(0, "buy", 9, 5))?.id as number;
    rig.venue.fill(id, 5);
    rig.at(10);
    const report = rig.compare(["fills"]);
    expect(report.open).toBe(0);
  });

  it("follow what the venue corrects by itself", () => {
    const rig = new ReconRig();
    working(rig);
    rig.venue.fill(1, 4);
    const row = rig.venue.of(1) as NonNullable<ReturnType<typeof rig.venue.of>>;
    rig.venue.tell(row, REPORT.corrected, { execId: 9, requestId: 1, priceTicks: 100, lots: 3 });
    const fills = rig.desk.localView(rig.nowNs).fills;
    expect(fills).toEqual([expect.objectContaining({ execId: "9", lots: 3, venueNs: 2 * S })]);
    rig.venue.tell(row, REPORT.busted, { execId: 10, requestId: 9 });
    expect(rig.desk.localView(rig.nowNs).fills).toEqual([]);
    expect(rig.positions()[0]).toBe(0);
  });

  it("an id of the venue names one order", () => {
    const rig = new ReconRig();
    working(rig);
    working(rig);
    rig.desk.named(2, "V1");
    rig.desk.named(1, "V1");
    const ids = (): unknown => rig.desk.localView(rig.nowNs).orders.map(({ orderId }) => orderId);
    expect(ids()).toEqual([undefined, "V1"]);
    rig.desk.named(2, "V2");
    rig.desk.named(1, "V1");
    expect(ids()).toEqual(["V1", "V2"]);
  });
});
