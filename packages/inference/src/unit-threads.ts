import { MessageChannel, type TransferListItem, type Worker } from 'node:worker_threads';
import type { ServingModel } from '@rookery/contracts';
import type { ClassifierTuning } from './classifier.ts';
import type { EngineFound } from './engine/port.ts';
import type { DecoderData, EngineData, GivenPicture } from './messages.ts';

export interface ThreadOptions {
  readonly model: ServingModel;
  readonly device: 'cpu' | number;
  readonly found: EngineFound;
  readonly tuning: ClassifierTuning;
  readonly measure: EngineData['measure'];
  readonly largestBatch: number;
  readonly decoders: number;
  readonly budgetBytes: number;
  readonly maxPixels: number;
}

export type UnitStates = readonly [decoder: Int32Array<SharedArrayBuffer>, engine: Int32Array<SharedArrayBuffer>];

/** Shared memory for resized pictures beyond which a unit makes do with fewer of them. */
const maxSlotBytes = 256 * 1024 * 1024;

/** What the two threads of a unit start with: the slots that both see, and a channel between them. */
export function threadData(
  options: ThreadOptions,
  [decoderState, engineState]: UnitStates,
): { decoderData: DecoderData; engineData: EngineData } {
  const { model, device, found, tuning, measure, largestBatch, decoders, budgetBytes, maxPixels } = options;
  const { width, height } = model.preprocessing;
  const slotBytes = width * height * 3 * (model.input.type === 'uint8' ? 1 : 4);
  const wanted = 2 * Math.max(largestBatch, model.stableBatch) + decoders;
  const slotCount = Math.max(2, Math.min(wanted, Math.floor(maxSlotBytes / slotBytes)));
  const slots = new SharedArrayBuffer(slotBytes * slotCount);
  const { port1, port2 } = new MessageChannel();
  // The decoder has no use for the graph, which would be copied for it.
  const withoutGraph = { ...model, graph: { path: '', digest: model.graph.digest } };
  return {
    decoderData: {
      model: withoutGraph,
      slots,
      slotCount,
      state: decoderState,
      peer: port1,
      decoders,
      budgetBytes,
      maxPixels,
    },
    engineData: { model, slots, slotCount, state: engineState, peer: port2, device, found, tuning, measure },
  };
}

/** Transfers what can be; copies where the buffer holds more than the picture, or belongs to an addon. */
export function givePicture(thread: Worker, request: GivenPicture & { readonly id: number }): void {
  const { bytes } = request;
  const whole = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength;
  const transfer: TransferListItem[] = whole ? [bytes.buffer] : [];
  const message = whole ? request : { ...request, bytes: copyOf(bytes) };
  try {
    thread.postMessage(message, transfer.length > 0 ? transfer : [message.bytes.buffer]);
  } catch (thrown) {
    if (!(thrown instanceof DOMException) || thrown.name !== 'DataCloneError') throw thrown;
    thread.postMessage({ ...request, bytes: copyOf(bytes) });
  }
}

/** In memory of its own: `slice` of a Buffer would share its memory, and whoever else has it would lose it. */
const copyOf = (bytes: GivenPicture['bytes']): GivenPicture['bytes'] =>
  bytes instanceof Float32Array ? new Float32Array(bytes) : new Uint8Array(bytes);
