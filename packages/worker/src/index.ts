export { type Engine, localEngine } from './engine.ts';
export { type HealthServer, startHealthServer } from './health-server.ts';
export { InFlightMarkers } from './in-flight-markers.ts';
export { serveIsolation } from './isolation-server.ts';
export type { WorkerLimits } from './limits.ts';
export { startWorker } from './start-worker.ts';
export { subjectIsOver } from './subject-is-over.ts';
export type { StopOptions, Worker, WorkerOptions } from './worker-options.ts';
