/** What nodes may ask of inspections (server/quality/inspection). */

/** What is to be inspected, by the plan of its part. */
interface InspectionSubject {
  part: string
  partRevision?: string
  isFirstArticle: boolean
  serials: string[]
  lot?: string
  quantity: number
  workOrder?: string
}

/** How an inspection is. */
export interface InspectionNow {
  id: string
  number: string
  state: 'open' | 'verified' | 'accepted' | 'rejected' | 'withdrawn'
  conforming: number
  nonconforming: number
  needed: number
  by?: string
  at?: string
  reason?: string
}

export interface InspectionServices {
  /**
   * Begins an inspection by the newest plan of the part; the same key of the same node is one. Resolves when it is stored, however long
   * the gateway is away.
   * @throws UserError `inspection-plan-not-found`
   */
  start(request: { nodeId: string; runId?: string; key: string } & InspectionSubject): Promise<InspectionNow>
  now(id: string): Promise<InspectionNow>
}
