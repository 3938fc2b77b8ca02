/** Times, tools and the whole report of a program. */
export { createEstimator, type Estimate, type Estimator, type EstimatorOptions } from './estimator.ts'
export { createProgramReport, type ProgramReportCollector, type ProgramReportOptions, type ProgramTimeline } from './report.ts'
export { remainingAt, secondsUntilDone, type TimelineData } from './timeline.ts'
