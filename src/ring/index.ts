export { RING_REFUSALS, type RingRefusal, type RingRefusalCode } from "./refusals.ts";
export { RingBuffer, type RingHandle, type RingStats } from "./ring-buffer.ts";
export { RingConsumer, type RingConsumerOptions, type RingConsumerStats } from "./ring-consumer.ts";
export type { RingConsumerState } from "./ring-membership.ts";
export type { RingConsumerPlan, RingOptions } from "./ring-options.ts";
export type { RingProducer, RingProducerOptions, RingProducerStats } from "./ring-producer.ts";
export type { RingWaitKind, RingWaitOptions } from "./ring-wait.ts";
export { SlotCodec, type SlotFieldKind, type SlotFields, type SlotView } from "./slot-codec.ts";
