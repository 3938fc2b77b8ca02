/** What a list of values looks like: figures, histogram, probability plot, Pareto. */
export { type Histogram, type HistogramOptions, histogram } from './histogram.ts'
export { type Description, describe, lagOneAutocorrelation, quantile, standardDeviation } from './moments.ts'
export { type NormalPlot, normalPlot, type PlottingPosition } from './normal-plot.ts'
export { type ParetoBar, pareto } from './pareto.ts'
export { StatisticsError, type StatisticsErrorCode, type StatisticsPlace } from './statistics-error.ts'
