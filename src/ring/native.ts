export { ProcessRing, type ProcessRingOptions, type ProcessRingPlace } from "./native-process-ring.ts";
