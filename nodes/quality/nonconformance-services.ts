/** What nodes may ask of nonconformance reports (server/quality/documents). */

/** What is said of a report when it is opened; the rest is for people. */
export interface NonconformanceContent {
  title: string
  found?: string
  requirement?: string
  part?: string
  lot?: string
  serials?: string[]
  workOrder?: string
  machineId?: string
  quantity?: number
  severity?: 'minor' | 'major' | 'critical'
  links?: { kind: 'measurement' | 'signal' | 'characteristic' | 'run'; id: string; text: string }[]
}

export type Disposition = 'use-as-is' | 'rework' | 'repair' | 'scrap' | 'return'

/** How a report is. */
export interface NonconformanceNow {
  id: string
  number: string
  state: string
  /** `disposed`: what becomes of the parts was approved by a second person. */
  outcome: 'waits' | 'disposed' | 'withdrawn'
  dispositions: { what: Disposition; quantity: number; instruction?: string }[]
  by?: string
  at?: string
  reason?: string
}

export interface NonconformanceServices {
  /** Opens a report; the same key of the same node is one. Resolves when it is stored, however long the gateway is away. */
  open(request: { nodeId: string; runId?: string; key: string; content: NonconformanceContent }): Promise<NonconformanceNow>
  now(id: string): Promise<NonconformanceNow>
}
