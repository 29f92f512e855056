export { InFlightMarkers } from './isolation/in-flight-markers.ts';
export { serveIsolation } from './isolation/isolation-server.ts';
export type { WorkerLimits } from './limits.ts';
export { type Engine, localEngine } from './model/engine.ts';
export { type HealthServer, startHealthServer } from './report/health-server.ts';
export { startWorker } from './start-worker.ts';
export { subjectIsOver } from './task/subject-is-over.ts';
export type { StopOptions, Worker, WorkerOptions } from './worker-options.ts';
