/** How many ways there are to choose k of n, exact up to 2^53. */
export function binomial(n: number, k: number): number {
  let ways = 1;
  // Each product of i + 1 consecutive numbers is divisible: no rounding below 2^53.
  for (let i = 0; i < k; i++) ways = Math.round((ways * (n - i)) / (i + 1));
  return ways;
}

/**
 * Moves a choice of k of n, rising, to the next one in lexicographic order, in place; false where it was the last.
 */
export function nextChoice(choice: Int32Array, n: number): boolean {
  const k = choice.length;
  let i = k - 1;
  while (i >= 0 && (choice[i] as number) === n - k + i) i -= 1;
  if (i < 0) return false;
  choice[i] = (choice[i] as number) + 1;
  for (let j = i + 1; j < k; j++) choice[j] = (choice[j - 1] as number) + 1;
  return true;
}

/** All choices of k of n in lexicographic order. */
export function choices(n: number, k: number): Int32Array[] {
  const choice = Int32Array.from({ length: k }, (_, i) => i);
  const all = [choice.slice()];
  while (nextChoice(choice, n)) all.push(choice.slice());
  return all;
}
