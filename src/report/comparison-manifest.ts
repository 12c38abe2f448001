import type { RunResult } from "../run/index.ts";
import { bigintText } from "./plain-value.ts";

/** One thing that the runs were not all made from alike. */
export interface ManifestDifference {
  /** Such as `strategies.maker.params.gamma`. */
  readonly path: string;
  /** One a run, as JSON; null where the run has no such thing. */
  readonly values: readonly (string | null)[];
}

/** Deeper than any manifest of ours; what lies below is compared as one text. */
const DEEPEST = 12;

/** What differs in the manifests of runs, in the order in which manifests have it. */
export function manifestDifferences(results: readonly RunResult[]): readonly ManifestDifference[] {
  const all = results.map(({ manifest }) => {
    const found = new Map<string, string>();
    for (const [key, value] of Object.entries(plainOf(manifest))) flatten(key, value, found, 0);
    return found;
  });
  const paths = new Set(all.flatMap((found) => [...found.keys()]));
  const differences: ManifestDifference[] = [];
  for (const path of paths) {
    const values = all.map((found) => found.get(path) ?? null);
    if (new Set(values).size > 1) differences.push({ path, values });
  }
  return differences;
}

/** The manifest with its lists by name: the second input of one run may be the first of another. */
function plainOf(manifest: RunResult["manifest"]): Record<string, unknown> {
  return {
    ...manifest,
    strategies: byName(manifest.strategies, ({ name }) => name),
    inputs: byName(manifest.inputs, ({ instrument, schema }) => `${instrument} ${schema}`),
  };
}

function byName<Item>(items: readonly Item[], nameOf: (item: Item) => string): Map<string, Item> {
  const found = new Map<string, Item>();
  for (const item of items) {
    const name = nameOf(item);
    let free = name;
    for (let nth = 2; found.has(free); nth++) free = `${name} #${nth}`;
    found.set(free, item);
  }
  return found;
}

function flatten(path: string, value: unknown, found: Map<string, string>, depth: number): void {
  const entries =
    value instanceof Map
      ? [...value]
      : typeof value === "object" && value !== null
        ? Object.entries(value)
        : [];
  if (entries.length === 0 || depth === DEEPEST) {
    found.set(path, JSON.stringify(value instanceof Map ? {} : value, bigintText) ?? "null");
    return;
  }
  for (const [key, each] of entries) flatten(`${path}.${key}`, each, found, depth + 1);
}
