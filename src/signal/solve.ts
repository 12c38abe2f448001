/**
 * Solves `A X = B` in place by Gaussian elimination with partial pivoting: `right` becomes X.
 *
 * @shape `left` is n x n, `right` n x `columns`, both by rows
 * @returns false where A is singular to working precision; both matrices are then spoiled.
 * @cost O(n^2 (n + columns)); a cold path.
 */
export function solveLinear(left: Float64Array, right: Float64Array, n: number, columns: number): boolean {
  for (let k = 0; k < n; k++) {
    const pivot = pivotRow(left, n, k);
    if (Math.abs(left[pivot * n + k] as number) < 1e-12) return false;
    if (pivot !== k) {
      swapRows(left, n, k, pivot);
      swapRows(right, columns, k, pivot);
    }
    const scale = 1 / (left[k * n + k] as number);
    for (let row = k + 1; row < n; row++) {
      const factor = (left[row * n + k] as number) * scale;
      if (factor === 0) continue;
      subtractRow(left, n, row, k, factor);
      subtractRow(right, columns, row, k, factor);
    }
  }
  for (let k = n - 1; k >= 0; k--) {
    const scale = 1 / (left[k * n + k] as number);
    for (let c = 0; c < columns; c++) right[k * columns + c] = (right[k * columns + c] as number) * scale;
    for (let row = 0; row < k; row++) subtractRow(right, columns, row, k, left[row * n + k] as number);
  }
  return true;
}

function pivotRow(matrix: Float64Array, n: number, k: number): number {
  let best = k;
  for (let row = k + 1; row < n; row++) {
    if (Math.abs(matrix[row * n + k] as number) > Math.abs(matrix[best * n + k] as number)) best = row;
  }
  return best;
}

function swapRows(matrix: Float64Array, width: number, a: number, b: number): void {
  for (let c = 0; c < width; c++) {
    const kept = matrix[a * width + c] as number;
    matrix[a * width + c] = matrix[b * width + c] as number;
    matrix[b * width + c] = kept;
  }
}

function subtractRow(matrix: Float64Array, width: number, row: number, from: number, factor: number): void {
  for (let c = 0; c < width; c++) {
    matrix[row * width + c] =
      (matrix[row * width + c] as number) - factor * (matrix[from * width + c] as number);
  }
}
