import type { ApiContext } from '../api-context.ts';
import type { ApiInstance } from '../api-instance.ts';
import { openInference } from '../oip/open-inference.ts';
import { classifyRoutes } from './classify.ts';
import { documentationRoutes } from './documentation.ts';
import { feedbackRoutes } from './feedback.ts';
import { fleetRoutes } from './fleet.ts';
import { healthRoutes } from './health.ts';
import { jobRoutes } from './jobs.ts';
import { metricsRoutes } from './metrics.ts';
import { modelRoutes } from './models.ts';
import { originalRoutes } from './original.ts';
import { pageRoutes } from './page.ts';
import { queueRoutes } from './queues.ts';
import { sessionRoutes } from './session.ts';

/** Every route of the service: one file a resource, one line here. Each is registered in a scope of its own. */
export const routes: readonly ((app: ApiInstance, context: ApiContext) => void | Promise<void>)[] = [
  healthRoutes,
  classifyRoutes,
  modelRoutes,
  openInference,
  sessionRoutes,
  originalRoutes,
  jobRoutes,
  feedbackRoutes,
  fleetRoutes,
  queueRoutes,
  metricsRoutes,
  documentationRoutes,
  pageRoutes,
];
