/** Addresses over addresses, part by part. */
export function mergedUrls(
  under: Record<string, unknown>,
  over: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const all = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = all[key];
    const areParts = isRecord(value) && isRecord(below);
    all[key] = areParts ? mergedUrls(below, value) : value;
  }
  return all;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
