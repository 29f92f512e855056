// Imports point one way: contracts <- ports <- jobs, optimizer <- producer, worker, api <- cli.
const packages = (...names) => `^packages/(${names.join('|')})/`;
const mayImport = (from, ...to) => ({
  name: `${from}-imports-only-what-is-below`,
  severity: 'error',
  from: { path: `^packages/${from}/src/` },
  to: { path: '^packages/', pathNot: packages(from, ...to) },
});
const ports = ['telemetry', 'storage', 'queue', 'models', 'inference'];

module.exports = {
  forbidden: [
    mayImport('contracts'),
    ...ports.map((port) => mayImport(port, 'contracts')),
    mayImport('optimizer', 'contracts'),
    mayImport('jobs', 'contracts', 'storage'),
    mayImport('monitor', 'contracts', 'jobs', 'storage'),
    mayImport('producer', 'contracts', 'jobs', ...ports),
    mayImport('worker', 'contracts', 'jobs', 'monitor', ...ports),
    mayImport('autoscale', 'contracts'),
    mayImport('client'),
    mayImport('web', 'client'),
    mayImport('api', 'contracts', 'jobs', 'monitor', 'producer', ...ports),
    {
      name: 'infra-imports-only-what-is-below',
      severity: 'error',
      from: { path: '^infra/src/' },
      to: { path: '^packages/', pathNot: packages('autoscale') },
    },
    {
      name: 'a-package-is-entered-by-its-face',
      comment: 'what another package offers is in its src/index.ts',
      severity: 'error',
      from: { path: '^packages/([^/]+)/src/' },
      to: { path: '^packages/([^/]+)/(src|dist)/', pathNot: ['^packages/$1/', '^packages/[^/]+/(src|dist)/index\\.'] },
    },
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'nothing-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: '(^|/)(node_modules|dist)/' },
    exclude: { path: '(^|/)cdk\\.out/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['rookery-source', 'types', 'import', 'default'],
    },
  },
};
