import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../src/base/index.ts";
import { readArchive } from "../fixtures/audit-archive.ts";
import { canonicalNumberBits } from "../fixtures/canonical-numbers.ts";

/** The double of 64 bits. */
function doubleOf(bits: bigint): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
}

describe("canonical JSON, which records are exported and hashed in", () => {
  const { files, absent } = readArchive("jcs/jcs-testdata.tar.gz");
  if (absent !== "") console.warn(absent);
  const names = [...files.keys()].filter((name) => name.startsWith("testdata/input/"));

  it.skipIf(absent !== "")("gives the published output of every published input", () => {
    expect(names.length).toBe(6);
    for (const name of names) {
      const input: unknown = JSON.parse(files.get(name) as string);
      const output = files.get(name.replace("/input/", "/output/")) as string;
      const hex = files.get(name.replace("/input/", "/outhex/").replace(".json", ".txt")) as string;
      expect(canonicalJson(input), name).toBe(output);
      expect(Buffer.from(canonicalJson(input)).toString("hex"), name).toBe(hex.replace(/\s/g, ""));
      expect(canonicalJson(JSON.parse(output)), name).toBe(output);
    }
  });

  it.each<[bigint, string]>([
    [0x0000000000000000n, "0"],
    [0x8000000000000000n, "0"],
    [0x0000000000000001n, "5e-324"],
    [0x8000000000000001n, "-5e-324"],
    [0x7fefffffffffffffn, "1.7976931348623157e+308"],
    [0xffefffffffffffffn, "-1.7976931348623157e+308"],
    [0x4340000000000000n, "9007199254740992"],
    [0xc340000000000000n, "-9007199254740992"],
    [0x4430000000000000n, "295147905179352830000"],
    [0x44b52d02c7e14af5n, "9.999999999999997e+22"],
    [0x44b52d02c7e14af6n, "1e+23"],
    [0x44b52d02c7e14af7n, "1.0000000000000001e+23"],
    [0x444b1ae4d6e2ef4en, "999999999999999700000"],
    [0x444b1ae4d6e2ef4fn, "999999999999999900000"],
    [0x444b1ae4d6e2ef50n, "1e+21"],
    [0x3eb0c6f7a0b5ed8cn, "9.999999999999997e-7"],
    [0x3eb0c6f7a0b5ed8dn, "0.000001"],
    [0x41b3de4355555553n, "333333333.3333332"],
    [0x41b3de4355555554n, "333333333.33333325"],
    [0x41b3de4355555555n, "333333333.3333333"],
    [0x41b3de4355555556n, "333333333.3333334"],
    [0x41b3de4355555557n, "333333333.33333343"],
    [0xbecbf647612f3696n, "-0.0000033333333333333333"],
    [0x43143ff3c1cb0959n, "1424953923781206.2"],
  ])("writes the number of the bits %s as %s", (bits, text) => {
    expect(canonicalJson(doubleOf(bits))).toBe(text);
  });

  it.each([0x7fffffffffffffffn, 0x7ff0000000000000n])("refuses the number of the bits %s", (bits) => {
    expect(() => canonicalJson(doubleOf(bits))).toThrow("FAULT_INPUT");
  });

  it("has the published hashes of the first 1 000, 10 000 and 100 000 lines of the number file", () => {
    const expected = new Map([
      [1_000, "be18b62b6f69cdab33a7e0dae0d9cfa869fda80ddc712221570f9f40a5878687"],
      [10_000, "b9f7a8e75ef22a835685a52ccba7f7d6bdc99e34b010992cbc5864cd12be6892"],
      [100_000, "22776e6d4b49fa294a0d0f349268e5c28808fe7e0cb2bcbe28f63894e494d4c7"],
    ]);
    const hash = createHash("sha256");
    let lines = 0;
    for (const bits of canonicalNumberBits()) {
      hash.update(`${bits.toString(16)},${canonicalJson(doubleOf(bits))}\n`);
      lines++;
      const published = expected.get(lines);
      if (published !== undefined) expect(hash.copy().digest("hex"), `${lines} lines`).toBe(published);
      if (lines === 100_000) break;
    }
  });
});
