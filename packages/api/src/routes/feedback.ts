import { FeedbackReceipt, FeedbackRequest, RookeryError } from '@rookery/contracts';
import { putFeedback } from '@rookery/monitor';
import type { ApiContext } from '../api-context.ts';
import type { ApiInstance } from '../api-instance.ts';

/** `/v1/feedback`: what pictures really show. */
export function feedbackRoutes(app: ApiInstance, { jobs, log }: ApiContext): void {
  app.post(
    '/v1/feedback',
    {
      config: { access: 'jobs' },
      schema: {
        operationId: 'giveFeedback',
        summary: 'Tell what pictures really show',
        description: `True labels of pictures that were labelled: of a job, or of a bucket whose events are. They are kept beside the results, never
rewritten; the same batch again is the same batch (200). Of two labels for one picture the later batch counts. \`rookery monitor report\`
compares them with what was answered.`,
        tags: ['Jobs'],
        body: FeedbackRequest,
        response: { 200: FeedbackReceipt, 201: FeedbackReceipt },
      },
    },
    async ({ body, id }, reply) => {
      if (!jobs) throw new RookeryError('ROUTE_NOT_FOUND', { detail: 'this service was started without a store' });
      if (body.job !== undefined) await jobs.ledger.read(body.job);
      const receipt = await putFeedback(jobs.store, body);
      log.info({ requestId: id, job: body.job, batch: receipt.batch, labels: receipt.labels }, 'true labels taken');
      return reply.code(receipt.isNew ? 201 : 200).send(receipt);
    },
  );
}
