import type { handleUnaryCall, Metadata, ServerUnaryCall, UntypedServiceImplementation } from '@grpc/grpc-js';
import { asRookeryError, RookeryError } from '@rookery/contracts';
import type { ApiContext } from '../../api-context.ts';
import { isInForce } from '../../auth/caller.ts';
import { statusOf } from '../../http/status.ts';
import { PictureWork } from '../../serving/picture-work.ts';
import type { InferenceService } from '../inference-service.ts';
import { logFailure } from '../log-failure.ts';
import { authenticate } from './authenticate.ts';
import { timeLeft } from './guard.ts';
import { inferenceRequest, inferResponse } from './infer-message.ts';
import type { ModelInferRequest, ModelInferResponse, Of } from './messages/infer.ts';
import { modelConfigMessage } from './messages/model-config.ts';
import type { NamedModelRequest, RepositoryIndexRequest, RepositoryModelRequest } from './messages/server.ts';
import type { Received } from './method.ts';
import { inferenceMethods, scopes } from './services.ts';
import { failedStatus } from './status.ts';
import { streamInfer } from './stream-infer.ts';

/** One request for labels, alone or in a stream. */
interface InferCall {
  readonly path: string;
  readonly metadata: Metadata;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** The methods that read what their callers send. */
export function inferenceHandlers(service: InferenceService, context: ApiContext): UntypedServiceImplementation {
  const { auth, log, limits, admission, counts, draining, tracer } = context;
  const failed = (route: string, thrown: unknown): void =>
    logFailure(log, asRookeryError(thrown), { route, clientGone: asRookeryError(thrown).code === 'ABORTED' });

  const infer = async (received: Received<ModelInferRequest>, { path, metadata, timeoutMs, signal }: InferCall) => {
    const [, serviceName = '', method = ''] = path.split('/');
    const [parent] = metadata.get('traceparent');
    const span = tracer.start(`${serviceName}/${method}`, {
      kind: 'server',
      parent: typeof parent === 'string' ? parent : undefined,
      attributes: { 'rpc.system': 'grpc', 'rpc.service': serviceName, 'rpc.method': method },
    });
    try {
      using work = new PictureWork({ admission, counts, timeoutMs: Math.min(limits.requestMs, timeoutMs), span });
      const abandon = (): void => work.abandon(signal.reason);
      signal.addEventListener('abort', abandon, { once: true });
      try {
        signal.throwIfAborted();
        work.hold(received.byteLength);
        const message = received.read();
        const model = { name: message.model_name, version: message.model_version };
        return inferResponse(await service.infer(model, inferenceRequest(message), work), message);
      } finally {
        signal.removeEventListener('abort', abandon);
      }
    } catch (thrown) {
      const { code } = asRookeryError(thrown);
      if (statusOf(code) >= 500) span.fail(code);
      throw thrown;
    } finally {
      span.end();
    }
  };

  const unary =
    <Request, Response>(
      name: keyof typeof inferenceMethods,
      answer: (request: Received<Request>, call: ServerUnaryCall<Received<Request>, Response>) => Promise<Response>,
    ): handleUnaryCall<Received<Request>, Response> =>
    (call, callback) => {
      answer(call.request, call).then(
        (response) => callback(null, response),
        (thrown: unknown) => {
          failed(inferenceMethods[name].path, thrown);
          callback(failedStatus(thrown));
        },
      );
    };
  const ofModel = <Response>(
    name: keyof typeof inferenceMethods,
    answer: (model: Of<typeof NamedModelRequest>) => Promise<Response>,
  ) => unary(name, async (request: Received<Of<typeof NamedModelRequest>>) => answer(request.read()));

  return {
    ModelReady: ofModel('ModelReady', async (model) => ({ ready: await isReady(service, model) })),
    ModelMetadata: ofModel('ModelMetadata', (model) => service.modelMetadata(model)),
    ModelConfig: ofModel('ModelConfig', async (model) => modelConfigMessage(await service.modelConfig(model))),
    ModelStatistics: ofModel('ModelStatistics', async (model) => ({
      model_stats: await service.statistics(model.name === '' ? undefined : model),
    })),
    RepositoryIndex: unary('RepositoryIndex', async (request: Received<Of<typeof RepositoryIndexRequest>>) => ({
      models: await service.repositoryIndex(request.read().ready),
    })),
    RepositoryModelLoad: unary('RepositoryModelLoad', async (request: Received<Of<typeof RepositoryModelRequest>>) => {
      const { model_name, parameters } = request.read();
      await service.load(model_name, parameters);
      return {};
    }),
    RepositoryModelUnload: unary(
      'RepositoryModelUnload',
      async (request: Received<Of<typeof RepositoryModelRequest>>) => {
        await service.unload(request.read().model_name);
        return {};
      },
    ),
    ModelInfer: unary('ModelInfer', (request: Received<ModelInferRequest>, call) => {
      const controller = new AbortController();
      call.once('cancelled', () =>
        controller.abort(new RookeryError('ABORTED', { detail: 'the client has gone, or its deadline is over' })),
      );
      const { path } = inferenceMethods.ModelInfer;
      const { metadata } = call;
      return infer(request, { path, metadata, timeoutMs: timeLeft(call.getDeadline()), signal: controller.signal });
    }),
    ModelStreamInfer(call: Parameters<typeof streamInfer>[0]) {
      const caller = authenticate(call.metadata, auth, scopes[inferenceMethods.ModelStreamInfer.path] ?? 'admin');
      streamInfer(call, {
        mayAsk: () => isInForce(caller, auth),
        infer: (received, signal): Promise<ModelInferResponse> =>
          infer(received, {
            path: inferenceMethods.ModelStreamInfer.path,
            metadata: call.metadata,
            timeoutMs: Number.POSITIVE_INFINITY,
            signal,
          }),
        failed: (thrown) => failed(inferenceMethods.ModelStreamInfer.path, thrown),
        draining,
      });
    },
  };
}

/** A model that does not exist is not ready. */
async function isReady(service: InferenceService, model: Of<typeof NamedModelRequest>): Promise<boolean> {
  try {
    return await service.modelReady(model);
  } catch (thrown) {
    if (thrown instanceof RookeryError && thrown.code === 'MODEL_NOT_FOUND') return false;
    throw thrown;
  }
}
