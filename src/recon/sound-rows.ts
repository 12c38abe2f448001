import { MAX_TICKS } from "../model/index.ts";
import type { FillRow, LocalOrder, VenueFill, VenueOrder } from "./view.ts";

/**
 * Whether rows are sound beyond doubt, at a glance: what these tests let through, the rules of the shape let through
 * too. What they don't is looked at by the rules, which know what is wrong, if anything is.
 */

const TEXT_MAX = 256;
const MINOR = /^-?(0|[1-9]\d{0,37})$/;

/** An execution as we know it. */
export function isSoundFill(row: FillRow): boolean {
  return isPlain(row) && fieldsOfFill(row) === fieldCount(row);
}

/** An execution as the venue tells it. */
export function isSoundVenueFill(row: VenueFill): boolean {
  const { isBusted } = row;
  if (isBusted === undefined) return isSoundFill(row);
  return isPlain(row) && typeof isBusted === "boolean" && fieldsOfFill(row) + 1 === fieldCount(row);
}

/** An order as the venue tells it. */
export function isSoundVenueOrder(row: VenueOrder): boolean {
  const { orderId, clientOrderId, originalClientOrderId, updatedNs, cumLots, state } = row;
  if (!isPlain(row) || !isText(orderId) || !areTerms(row) || !isCount(cumLots)) return false;
  if (state !== "open" && !isEnd(state)) return false;
  let fields = 7;
  if (clientOrderId !== undefined) fields += isText(clientOrderId) ? 1 : Number.NaN;
  if (originalClientOrderId !== undefined) fields += isText(originalClientOrderId) ? 1 : Number.NaN;
  if (updatedNs !== undefined) fields += Number.isSafeInteger(updatedNs) ? 1 : Number.NaN;
  return fields === fieldCount(row);
}

/** An order as we know it, without requests that wait. */
export function isSoundLocalOrder(row: LocalOrder): boolean {
  const { clientOrderIds, requests, cumLots, state, sentNs, orderId } = row;
  const { updatedNs, updatedSeq, isUnknown } = row;
  if (!isPlain(row) || !areTerms(row) || !isCount(cumLots) || !Number.isSafeInteger(sentNs)) return false;
  if (state !== "open" && state !== "pendingNew" && !isEnd(state)) return false;
  const isShort = Array.isArray(clientOrderIds) && clientOrderIds.length <= 8 && clientOrderIds.length > 0;
  if (!isShort || !Array.isArray(requests) || requests.length > 0) return false;
  for (let i = 0; i < clientOrderIds.length; i++) if (!isText(clientOrderIds[i])) return false;
  let fields = 8;
  if (orderId !== undefined) fields += isText(orderId) ? 1 : Number.NaN;
  if (updatedNs !== undefined) fields += Number.isSafeInteger(updatedNs) ? 1 : Number.NaN;
  if (isUnknown !== undefined) fields += typeof isUnknown === "boolean" ? 1 : Number.NaN;
  return updatedSeq === undefined && fields === fieldCount(row);
}

/** How many fields of an execution are there; NaN where one is not as it must be. */
function fieldsOfFill(row: FillRow): number {
  const { execId, orderId, clientOrderId, venueNs, venueSeq, cash, fee } = row;
  if (!isText(execId) || !areTerms(row) || !Number.isSafeInteger(venueNs)) return Number.NaN;
  let fields = 6;
  if (orderId !== undefined) fields += isText(orderId) ? 1 : Number.NaN;
  if (clientOrderId !== undefined) fields += isText(clientOrderId) ? 1 : Number.NaN;
  if (venueSeq !== undefined) fields += Number.isSafeInteger(venueSeq) && venueSeq >= 1 ? 1 : Number.NaN;
  if (cash !== undefined) fields += isCash(cash) ? 1 : Number.NaN;
  if (fee !== undefined) fields += isCash(fee) ? 1 : Number.NaN;
  return fields;
}

function isCash(row: NonNullable<FillRow["cash"]>): boolean {
  if (row === null || typeof row !== "object" || !isPlain(row) || fieldCount(row) !== 2) return false;
  const { currency, minor } = row;
  return isText(currency) && (typeof minor === "bigint" || (typeof minor === "string" && MINOR.test(minor)));
}

function areTerms({ instrument, side, priceTicks, lots }: FillRow | VenueOrder | LocalOrder): boolean {
  const isPrice = Number.isSafeInteger(priceTicks) && priceTicks <= MAX_TICKS && priceTicks >= -MAX_TICKS;
  return isPrice && isText(instrument) && (side === "buy" || side === "sell") && isCount(lots) && lots > 0;
}

function isEnd(state: unknown): boolean {
  return state === "filled" || state === "canceled" || state === "rejected" || state === "expired";
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value.length >= 1 && value.length <= TEXT_MAX;
}

/** An object whose fields are all its own. */
function isPlain(row: object): boolean {
  return Object.getPrototypeOf(row) === Object.prototype;
}

function fieldCount(row: object): number {
  return Object.keys(row).length;
}
