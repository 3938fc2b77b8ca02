/** Figures for Prometheus. Other parts add theirs to `registry`. */
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client'

export interface Metrics {
  registry: Registry
  /** One answered API request. */
  answered(routeId: string, status: number, seconds: number): void
}

export function createMetrics(): Metrics {
  const registry = new Registry()
  // each look wakes the process: at the default of 10 ms that was most of what a gateway at rest did
  collectDefaultMetrics({ register: registry, prefix: 'cellwright_', eventLoopMonitoringPrecision: 50 })
  const requests = new Histogram({
    name: 'cellwright_http_request_seconds',
    help: 'Time from a request’s arrival to its answer, by route and status.',
    labelNames: ['route', 'status'],
    buckets: [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  })
  return { registry, answered: (route, status, seconds) => requests.observe({ route, status: String(status) }, seconds) }
}
