/**
 * What the exchange answers when it says no: an HTTP status, its own code and its words. Codes and words are those of
 * the protocol, since clients decide by both.
 */
export class ApiError {
  readonly status: number;
  readonly code: number;
  readonly msg: string;
  /** More of the answer's body, such as both halves of a cancel-replace. */
  readonly data: unknown;
  readonly retryAfterS: number | undefined;

  constructor(code: number, msg: string, status = 400, more: { data?: unknown; retryAfterS?: number } = {}) {
    this.status = status;
    this.code = code;
    this.msg = msg;
    this.data = more.data;
    this.retryAfterS = more.retryAfterS;
  }

  /** The answer's body. */
  body(): object {
    const { code, msg, data } = this;
    return data === undefined ? { code, msg } : { code, msg, data };
  }
}

/** A filter of the symbol, or of the exchange, refuses an order. */
export function filterFailure(name: string): ApiError {
  return new ApiError(-1013, `Filter failure: ${name}`);
}

/** A new order is rejected. */
export function orderRejected(words: string): ApiError {
  return new ApiError(-2010, words);
}

/** A parameter is missing, empty or unreadable. */
export function mandatory(name: string): ApiError {
  return new ApiError(-1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`);
}

/** The errors without parameters. */
export const API_ERRORS = Object.freeze({
  internal: new ApiError(-1001, "Internal error; unable to process your request. Please try again.", 500),
  timeout: new ApiError(
    -1007,
    "Timeout waiting for response from backend server. Send status unknown; execution status unknown.",
    408,
  ),
  unexpected: new ApiError(
    -1006,
    "An unexpected response was received from the message bus. Execution status unknown.",
    500,
  ),
  badTimestamp: new ApiError(-1021, "Timestamp for this request is outside of the recvWindow."),
  badSignature: new ApiError(-1022, "Signature for this request is not valid."),
  badKeyFormat: new ApiError(-2014, "API-key format invalid.", 401),
  badKey: new ApiError(-2015, "Invalid API-key, IP, or permissions for action.", 401),
  badSymbol: new ApiError(-1121, "Invalid symbol."),
  noSymbol: new ApiError(
    -1100,
    "Illegal characters found in parameter 'symbol'; legal range is '^[A-Z0-9-_.]{1,20}$'.",
  ),
  badInterval: new ApiError(-1120, "Invalid interval."),
  badType: new ApiError(-1116, "Invalid orderType."),
  badSide: new ApiError(-1117, "Invalid side."),
  badTimeInForce: new ApiError(-1115, "Invalid timeInForce."),
  badListenKey: new ApiError(-1125, "This listenKey does not exist."),
  unknownOrder: new ApiError(-2011, "Unknown order sent."),
  restricted: new ApiError(-2011, "Order was not canceled due to cancel restrictions."),
  noSuchOrder: new ApiError(-2013, "Order does not exist."),
  noBalance: orderRejected("Account has insufficient balance for requested action."),
  duplicate: orderRejected("Duplicate order sent."),
  wouldTake: orderRejected("Order would immediately match and take."),
  wouldTrigger: orderRejected("Stop price would trigger immediately."),
  combination: orderRejected("Unsupported order combination"),
  noPeg: orderRejected("Order book liquidity is less than symbol minimum quantity."),
  relation: orderRejected("The relationship of the prices for the orders is not correct."),
  unknownList: new ApiError(-2011, "Unknown order list sent."),
  noSuchList: new ApiError(-2018, "Order list does not exist."),
  noChange: new ApiError(-2038, "The requested action would change no state; rejecting."),
  amendPaid: new ApiError(-2038, "Order amend (pending OPO order) is not supported."),
  overloaded: new ApiError(
    -1008,
    "Server is currently overloaded with other requests. Please try again in a few minutes.",
    503,
  ),
  maintenance: new ApiError(-1016, "This service is no longer available.", 503),
  tooLarge: new ApiError(-1099, "Not found, authenticated, or authorized", 413),
});
