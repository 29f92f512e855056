import type { ApiContext } from '../api-context.ts';
import type { ApiInstance } from '../api-instance.ts';
import type { ZodTypeProvider } from '../http/zod-provider.ts';
import { inferRoutes } from './http/infer-routes.ts';
import { modelRoutes } from './http/model-routes.ts';
import { protocolErrors } from './http/protocol-errors.ts';
import { repositoryRoutes } from './http/repository-routes.ts';
import { unsupportedRoutes } from './http/unsupported-routes.ts';
import { InferenceService } from './inference-service.ts';

/**
 * The Open Inference Protocol, version 2 (KServe, Triton): over HTTP below `/v2`.
 * https://github.com/kserve/open-inference-protocol, https://github.com/triton-inference-server/server/tree/main/docs/protocol
 */
export async function openInference(app: ApiInstance, context: ApiContext): Promise<void> {
  const service = new InferenceService(context);
  await app.register(
    async (v2) => {
      protocolErrors(v2, context);
      const scoped = async (register: (scope: ApiInstance) => void) =>
        v2.register(async (scope) => register(scope.withTypeProvider<ZodTypeProvider>()));
      await scoped((scope) => modelRoutes(scope, service));
      await scoped((scope) => inferRoutes(scope, context, service));
      await scoped((scope) => repositoryRoutes(scope, service));
      await scoped(unsupportedRoutes);
    },
    { prefix: '/v2' },
  );
}
