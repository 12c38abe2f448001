import { expect, test } from "vitest";
import { parityHashes } from "./runs.ts";

test("the same runs twice give the same run hashes (test/parity/other-nodes.ts compares versions of Node)", () => {
  const hashes = parityHashes();
  expect(new Set(Object.values(hashes)).size).toBe(6);
  expect(parityHashes()).toEqual(hashes);
});
