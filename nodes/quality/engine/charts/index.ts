/** Control charts: whole (`controlChart`) and point by point (`chartStream`). */
export * from './contract.ts'
export { controlChart } from './control-chart.ts'
export { asGiven, chartStream } from './stream.ts'
