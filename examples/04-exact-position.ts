/** Why quantities are whole lots: ten orders of 0.01 are 0.1, and a limit of 0.1 must say so. */

import { FeeModel, Ledger } from "tickwright/ledger";
import { flatFees, Instrument, money } from "tickwright/model";

let position = 0;
for (let i = 0; i < 10; i++) position += 0.01;
console.log("as a double:", position, "below the limit of 0.1?", position < 0.1);

const btc = new Instrument({
  symbol: "BTCUSDT",
  venue: "binance",
  tickSize: "0.10",
  lotSize: "0.001",
  quote: "USDT",
  fees: flatFees("-0.00005", "0.0004"),
});
const fees = new FeeModel({ instrument: btc });
const ledger = new Ledger({
  instruments: [btc],
  cash: [money(10_000_000_000_000n, "USDT")],
  reporting: "USDT",
});
for (let i = 0; i < 10; i++) {
  const [ticks, lots] = [btc.price("61800.20"), btc.quantity("0.010")];
  ledger.fill(0, 1, ticks, lots, fees.feeMinor(ticks, lots, 1, true));
}
const held = ledger.positionLots[0] ?? 0;
console.log("as lots:", btc.formatQuantity(held), "below the limit?", held < btc.quantity("0.1"));
console.log("cash, exact to 1e-8:", ledger.cashMinor("USDT"));
