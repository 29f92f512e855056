export * from './classify.ts';
export * from './fleet.ts';
export * from './jobs.ts';
export * from './models.ts';
export * from './problem.ts';
export * from './scope.ts';
export * from './session.ts';
export * from './uploads.ts';
