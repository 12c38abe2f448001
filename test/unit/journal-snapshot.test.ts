import { describe, expect, it } from "vitest";
import { crc32c } from "../../src/base/index.ts";
import { decodeSnapshot, encodeSnapshot, type Snapshot } from "../../src/journal/index.ts";

const SNAPSHOT: Snapshot = {
  seq: 77,
  epoch: 3,
  tsNs: 1_700_000_000_000_000_001n,
  configHash: "01".repeat(32),
  stateHash: "fe".repeat(32),
  sections: [
    { name: "positions", bytes: Uint8Array.of(1, 2, 3) },
    { name: "orders", bytes: new Uint8Array(0) },
    { name: "grüße", bytes: new Uint8Array(100).fill(9) },
  ],
};

describe("a snapshot", () => {
  it("comes back as it was, from any place in a buffer", () => {
    const bytes = encodeSnapshot(SNAPSHOT);
    expect(decodeSnapshot(bytes)).toEqual(SNAPSHOT);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(decodeSnapshot(shifted.subarray(3))).toEqual(SNAPSHOT);
    expect(decodeSnapshot(encodeSnapshot({ ...SNAPSHOT, sections: [] })).sections).toEqual([]);
  });

  it("is refused where a single bit differs, whichever", () => {
    const good = encodeSnapshot(SNAPSHOT);
    for (let bit = 0; bit < good.length * 8; bit++) {
      const bad = good.slice();
      bad[bit >> 3] = (bad[bit >> 3] as number) ^ (1 << (bit & 7));
      const code = bit < 64 ? "FAULT_JOURNAL_FORMAT" : "FAULT_JOURNAL_CORRUPT";
      expect(() => decodeSnapshot(bad, "x.tws"), `bit ${bit}`).toThrow(`${code} x.tws byte`);
    }
  });

  it("is refused where it is cut short or longer", () => {
    const good = encodeSnapshot(SNAPSHOT);
    for (let length = 8; length < good.length; length++) {
      expect(() => decodeSnapshot(good.subarray(0, length)), `${length}`).toThrow("FAULT_JOURNAL_CORRUPT");
    }
    const longer = new Uint8Array(good.length + 8);
    longer.set(good);
    expect(() => decodeSnapshot(longer)).toThrow("FAULT_JOURNAL_CORRUPT");
    expect(() => decodeSnapshot(new Uint8Array(0))).toThrow("FAULT_JOURNAL_FORMAT");
  });

  it.each([
    [0, "older"],
    [2, "newer"],
  ])("tells version %d", (version, age) => {
    const bytes = encodeSnapshot(SNAPSHOT);
    const view = new DataView(bytes.buffer);
    view.setUint32(8, version, true);
    view.setUint32(124, crc32c(bytes.subarray(0, 124)), true);
    expect(() => decodeSnapshot(bytes)).toThrow(`which is ${age}`);
  });

  it.each([
    [{ seq: -1 }, "seq"],
    [{ epoch: 2 ** 32 }, "epoch"],
    [{ tsNs: -1n }, "tsNs"],
    [{ configHash: "" }, "configHash"],
    [{ stateHash: "x" }, "stateHash"],
    [{ sections: [{ name: "", bytes: new Uint8Array(0) }] }, "sections[0].name"],
    [{ sections: [{ name: "\ud800", bytes: new Uint8Array(0) }] }, "sections[0].name"],
    [{ sections: [{ name: "x".repeat(256), bytes: new Uint8Array(0) }] }, "sections[0].name"],
    [{ sections: [SNAPSHOT.sections[0], SNAPSHOT.sections[0]] }, "sections[1].name"],
  ])("%o is refused", (more, path) => {
    expect(() => encodeSnapshot({ ...SNAPSHOT, ...more } as Snapshot)).toThrow(`FAULT_INPUT ${path}`);
  });
});
