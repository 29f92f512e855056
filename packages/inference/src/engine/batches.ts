/** Batches that are tried when this machine is measured; larger ones stopped paying on every processor seen. */
export const measuredBatches: readonly number[] = [1, 2, 4, 8, 16];
export const largestBatch = 16;
/** Good without any measurement: the processor's float32 gains nothing beyond eight pictures. */
export const defaultBatch = 8;
