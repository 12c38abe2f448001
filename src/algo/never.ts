/** "None", where a number is wanted: no end, no limit on a quantity. */
export const NEVER: number = Number.MAX_SAFE_INTEGER;
