/** A copy with room for `capacity` doubles. @cost O(capacity); only when a table grows */
export function longerDoubles(column: Float64Array, capacity: number): Float64Array {
  const longer = new Float64Array(capacity);
  longer.set(column);
  return longer;
}

/** A copy with room for `capacity` 32-bit integers. @cost O(capacity); only when a table grows */
export function longerIntegers(column: Int32Array, capacity: number): Int32Array {
  const longer = new Int32Array(capacity);
  longer.set(column);
  return longer;
}
