export { canonicalJson } from "./canonical.ts";
export { ChainDigest, type SavedChainDigest } from "./chain-digest.ts";
export {
  checkArray,
  checkBoolean,
  checkChoice,
  checkFunction,
  checkInteger,
  checkKeys,
  checkMethods,
  checkNumber,
  checkPositive,
  checkText,
} from "./check.ts";
export { ColumnPool } from "./column-pool.ts";
export { crc32c, crc32cOf, crc32cOfCells, crc32cOfView } from "./crc32c.ts";
export { formatScaled, normalizeScaled, parseScaled, pow10, rescale, type Scaled } from "./decimal-text.ts";
export { Digest, sha256Hex } from "./digest.ts";
export { Fault, type FaultCode, type FaultDetail, printValue } from "./fault.ts";
export { freePlaces } from "./free-places.ts";
export { addSafe, divideBig, gcdBig, multiplySafe, type Rounding, roundTo } from "./integer.ts";
export { powInteger, powReal } from "./power.ts";
export { Prng, type PrngState } from "./prng.ts";
export { isRefusal, type Refusal, refuse } from "./refusal.ts";
export { storedJson } from "./stored-json.ts";
