/** The register of gauges, as the other parts of the gateway have it. */
import type { Gauge } from '../../api/index.ts'
import type { RouteHandler } from '../../http/handler.ts'

export interface Gauges {
  routes: RouteHandler[]
  /** Those in use, with how their calibration stands, by name. */
  list(): Promise<Gauge[]>
  /** Called after one was added, changed or calibrated here. */
  onChange(listener: () => void): void
}
