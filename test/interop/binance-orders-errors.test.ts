import { expect, it } from "vitest";
import { meaningOf } from "../../src/venue/binance-order-errors.ts";
import { readCcxtError } from "../../src/venue/ccxt-errors.ts";
import { makeCcxt } from "../../src/venue/ccxt-exchange.ts";

type Raise = (
  status: number,
  reason: string,
  url: string,
  method: string,
  headers: object,
  body: string,
  response: object,
  requestHeaders: object,
  requestBody: string,
) => void;

/** What ccxt's own class makes of an answer, and what its errors are taken for. */
async function ccxtReads(): Promise<(status: number, code: number, msg: string, proven: boolean) => string> {
  const exchange = (await makeCcxt("binance", {
    ...{ number: String, log: () => {}, newUpdates: true, enableRateLimit: false, timeout: 1_000 },
    ...{ options: {}, streaming: { keepAlive: 5_000, maxPingPongMisses: 1.5 } },
  })) as unknown as { readonly handleErrors: Raise; readonly options: Record<string, unknown> };
  return (status, code, msg, proven) => {
    exchange.options["hasAlreadyAuthenticatedSuccessfully"] = proven;
    const said = { code, msg };
    const url = "https://api.binance.com/api/v3/order";
    try {
      exchange.handleErrors(status, "", url, "POST", {}, JSON.stringify(said), said, {}, "");
    } catch (error) {
      const { proof, trouble } = readCcxtError(error, []);
      // What is refused becomes a report: its code is told to nobody.
      return proof === "refused" ? proof : `${proof} ${trouble.code}`;
    }
    return "nothing";
  };
}

const WORDS = [
  "x",
  "System is under maintenance.",
  "System abnormality",
  "You are not authorized to execute this request.",
  "API key does not exist",
  "Order would trigger immediately.",
  "Stop price would trigger immediately.",
  "Order would immediately match and take.",
  "Account has insufficient balance for requested action.",
  "Rest API trading is not enabled.",
  "This account may not place or cancel orders.",
  "You don't have permission.",
  "Market is closed.",
  "Too many requests. Please try again later.",
  "This action is disabled on this account.",
  "Limit orders require GTC for this phase.",
  "This order type is not possible in this trading phase.",
  "This symbol is restricted for this account.",
  "This symbol is not permitted for this account.",
  "Duplicate order sent.",
  "Filter failure: PERCENT_PRICE_BY_SIDE",
  "Filter failure: LOT_SIZE",
  "Filter failure: PRICE_FILTER",
] as const;

it("an error of the websocket API proves what it proves through ccxt, for each code and each of Binance's words", async () => {
  const reads = await ccxtReads();
  const mine = (status: number, code: number, msg: string, proven: boolean): string => {
    const { proof, code: trouble } = meaningOf(status, { code, msg }, proven);
    return proof === "refused" ? proof : `${proof} ${trouble}`;
  };
  const wrong: string[] = [];
  let compared = 0;
  const compare = (status: number, code: number, msg: string, proven: boolean): void => {
    compared += 1;
    const [ours, theirs] = [mine(status, code, msg, proven), reads(status, code, msg, proven)];
    if (ours !== theirs) wrong.push(`${status} ${code} ${msg} ${proven}: ${ours}, through ccxt ${theirs}`);
  };
  for (let code = -900; code >= -2_100; code--) {
    for (const proven of [false, true]) compare(400, code, "x", proven);
  }
  for (const msg of WORDS) for (const code of [-1013, -2010, -2011]) compare(400, code, msg, true);
  for (const code of [-1000, -1001, -1006, -1007]) compare(500, code, "x", true);
  compare(418, -1003, "Way too much request weight used; IP banned until 1.", true);
  compare(429, -1003, "Too much request weight used.", true);
  expect(wrong).toEqual([]);
  expect(compared).toBeGreaterThan(2_400);
});
