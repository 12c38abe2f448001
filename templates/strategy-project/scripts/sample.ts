/** npm run sample: writes the sample market to data/sample.tape, for the commands of tickwright. */
import { writeTape } from "tickwright/host";
import { sampleTape } from "../src/market.ts";

const { rows } = writeTape("data/sample.tape", sampleTape(), { overwrite: true });
console.log(`data/sample.tape: ${rows} rows, simulated`);
