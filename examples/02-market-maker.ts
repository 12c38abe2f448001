/** A market maker on a seeded simulated market: queue position, latency and a reason for every fill. */
import { flatFees } from "tickwright/model";
import { Backtester } from "tickwright/run";
import { ConstantLatency, generateDepthTape } from "tickwright/sim";
import { AvellanedaStoikovMaker } from "tickwright/strategies";

const tape = generateDepthTape({
  instrument: { symbol: "SIM", venue: "simulated", tickSize: "0.1", lotSize: "0.001", quote: "USDT" },
  seed: 7,
  priceTicks: 600_000,
  durationNs: 300 * 1_000_000_000,
});

const result = new Backtester({
  markets: [
    {
      tape,
      fees: flatFees("-0.00005", "0.0004"),
      venue: {
        latency: new ConstantLatency({ entryNs: 5_000_000, responseNs: 5_000_000 }),
        queue: { model: "power3", n: 3 },
      },
    },
  ],
  strategies: [
    new AvellanedaStoikovMaker({
      instrument: "SIM",
      gamma: 0.001,
      k: 15,
      orderLots: 10,
      maxPositionLots: 50,
    }),
  ],
  cash: { USDT: "100000" },
}).runToEnd();

console.log("simulated data:", result.simulated);
console.log("fills and why:", result.fills.count, result.fills.reasons);
console.log("entry latency:", result.orders.entryLatency);
console.log("run hash:", result.runHash);
