export { Baseline, findBaseline, putBaseline } from './baseline.ts';
export { compareWindows, type Measure, type MeasureName, type MeasureState, measureNames, unsure } from './compare.ts';
export { type AlarmState, DriftAlarm, nextAlarm, type SliceReport } from './drift-alarm.ts';
export { DriftRules, defaultDriftRules } from './drift-rules.ts';
export { type EvaluateFeedbackOptions, evaluateFeedback, type FeedbackReport } from './feedback/evaluate-feedback.ts';
export {
  type Accuracy,
  accuracyOf,
  type CalibrationBin,
  Evaluation,
  type EvaluationReport,
} from './feedback/evaluation.ts';
export { putFeedback } from './feedback/put-feedback.ts';
export {
  type FleetReportOptions,
  indexOf,
  type ReportOptions,
  reportOfFleet,
  reportOfJob,
  titles,
} from './report/build-report.ts';
export { htmlReport } from './report/html.ts';
export { htmlPage } from './report/page.ts';
export { type MonitorReport, stateText, type Verdict, verdictOf } from './report/report.ts';
export { escapeText } from './report/svg.ts';
export { windowOfJob } from './report/window-of-job.ts';
export { type Axis, type AxisName, axes, axisNames, binOf, edgeOf } from './sketch/axes.ts';
export { entropyOf } from './sketch/entropy.ts';
export { mergeWindows, Window } from './sketch/window.ts';
export { type Look, WindowSketch, type WindowSketchOptions } from './sketch/window-sketch.ts';
export { jensenShannon, populationStability, psiNoise } from './statistics/distances.ts';
export { gTest } from './statistics/g-test.ts';
export { upperGamma } from './statistics/gamma.ts';
export { holm } from './statistics/holm.ts';
export { kolmogorovSmirnov, kolmogorovTail, type TestOutcome } from './statistics/kolmogorov-smirnov.ts';
export { type DriftState, WindowRecorder, type WindowRecorderOptions, type WindowSource } from './window-recorder.ts';
export { putWindow, type ReadWindowsOptions, readWindows, sweepWindows, WindowFile } from './window-store.ts';
