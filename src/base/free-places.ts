import { ColumnPool } from "./column-pool.ts";

/** The places below `capacity` as a stack: the top, which stands last, is place 0. */
export function freePlaces(
  capacity: number,
  columns: ColumnPool = new ColumnPool(),
): Int32Array<ArrayBuffer> {
  const places = columns.int32(capacity);
  for (let i = 0; i < capacity; i++) places[i] = capacity - 1 - i;
  return places;
}
