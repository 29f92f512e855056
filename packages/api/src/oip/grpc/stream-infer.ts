import type { ServerDuplexStream } from '@grpc/grpc-js';
import { RookeryError } from '@rookery/contracts';
import { type ModelInferRequest, ModelInferResponse, type ModelStreamInferResponse } from './messages/infer.ts';
import type { Received } from './method.ts';
import { failedStatus } from './status.ts';

interface StreamOptions {
  /** Asked before each request is worked on: whoever may ask no more loses the stream. */
  readonly mayAsk: () => boolean;
  /** Answers one request of the stream. */
  readonly infer: (received: Received<ModelInferRequest>, signal: AbortSignal) => Promise<ModelInferResponse>;
  /** What failed inside. */
  readonly failed: (thrown: unknown) => void;
  readonly draining: AbortSignal;
}

/** Requests of a stream are worked on side by side and answered in their order; one that fails is answered with its error. */
export function streamInfer(
  call: ServerDuplexStream<Received<ModelInferRequest>, ModelStreamInferResponse>,
  { mayAsk, infer, failed, draining }: StreamOptions,
): void {
  const controller = new AbortController();
  let last: Promise<void> = Promise.resolve();
  const answer = async (received: Received<ModelInferRequest>): Promise<ModelStreamInferResponse> => {
    try {
      const response = await infer(received, controller.signal);
      // Asked for by clients that do not know how many answers a model gives: here it is one.
      const isFinal = received.read().parameters.triton_enable_empty_final_response === true;
      const infer_response = isFinal ? { ...response, parameters: { triton_final_response: true } } : response;
      return { error_message: '', infer_response };
    } catch (thrown) {
      failed(thrown);
      const id = idOf(received);
      return { error_message: failedStatus(thrown).details, infer_response: { ...ModelInferResponse.empty, id } };
    }
  };
  const whenAnswered = (then: () => void): void => {
    void last.then(() => {
      if (!call.cancelled) then();
    });
  };
  const endFor = (why: unknown): void => {
    call.pause();
    whenAnswered(() => call.emit('error', failedStatus(why)));
  };
  const drain = (): void => endFor(new RookeryError('OVERLOADED', { detail: 'the service is shutting down' }));
  call.on('data', (received: Received<ModelInferRequest>) => {
    if (!mayAsk()) {
      endFor(new RookeryError('UNAUTHENTICATED'));
      return;
    }
    const answered = answer(received);
    last = last.then(async () => {
      const response = await answered;
      if (!call.cancelled) call.write(response);
    });
  });
  call.on('end', () => whenAnswered(() => call.end()));
  call.once('cancelled', () => {
    draining.removeEventListener('abort', drain);
    controller.abort(new RookeryError('ABORTED', { detail: 'the client has gone' }));
  });
  if (draining.aborted) drain();
  else draining.addEventListener('abort', drain, { once: true });
}

/** Of a message that may be malformed. */
function idOf({ read }: Received<ModelInferRequest>): string {
  try {
    return read().id;
  } catch {
    return '';
  }
}
