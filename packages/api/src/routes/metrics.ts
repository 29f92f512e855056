import type { ApiContext } from '../api-context.ts';
import type { ApiInstance } from '../api-instance.ts';

/** `/metrics`, as Prometheus reads it. */
export function metricsRoutes(app: ApiInstance, { metrics }: ApiContext): void {
  app.get(
    '/metrics',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'metrics',
        summary: 'Figures for Prometheus',
        tags: ['Health'],
        produces: { 'text/plain': 'text' },
      },
    },
    async (_request, reply) => {
      const { contentType, body } = await metrics.render();
      return reply.type(contentType).send(body);
    },
  );
}
