export { fleetMetrics } from '@rookery/contracts';
export {
  type CostLine,
  type CostReport,
  costOfPictures,
  nameOf,
  type WorkerShape,
  type Workload,
  workerHourUsd,
} from './cost/cost-of-pictures.ts';
export { defaultPrices } from './cost/default-prices.ts';
export { fargateSize } from './cost/fargate-sizes.ts';
export { PriceFile, readPrices } from './cost/prices.ts';
export { usdOfRequests } from './cost/usd-of-requests.ts';
export { type BacklogStep, startSteps } from './deploy/backlog-steps.ts';
export {
  type Deployment,
  DeploymentConfig,
  deploymentOf,
  type TaskShape,
  workerShapeOf,
} from './deploy/deployment-config.ts';
export { namesOf } from './deploy/names.ts';
export {
  type DeploymentPlan,
  type PlannedResource,
  planDeployment,
  resourcesOf,
} from './deploy/plan-deployment.ts';
export {
  type Decision,
  desiredWorkers,
  noScalingYet,
  type Observation,
  type ScalingState,
} from './policy/desired-workers.ts';
export {
  backlogFor,
  type PresetName,
  ScalingConfig,
  scalingPresets,
  type TargetRequest,
} from './policy/scaling-config.ts';
export { plotSimulation } from './simulate/plot.ts';
export { simulate } from './simulate/simulate.ts';
export type { Sample, Simulation, SimulationResult } from './simulate/simulation.ts';
export { type Arrival, arrivalsOf, type TraceName, traceNames } from './simulate/trace.ts';
