export * from './classify.ts';
export * from './models.ts';
export * from './problem.ts';
export * from './scope.ts';
export * from './session.ts';
