/** What nodes of sampling and gauge studies ask of the product: part of `CellwrightServices` (nodes/services.ts). */

/** A lot as it stands. */
export interface LotNow {
  lotId: string
  lot: string
  plan: string
  size: number
  state: 'open' | 'accepted' | 'rejected' | 'withdrawn'
  /** Items to take; the whole lot where that is smaller. */
  sample: number
  isWholeLot: boolean
  accept: number
  reject: number
  severity: 'normal' | 'tightened' | 'reduced'
  codeLetter: string
  /** The next three once it was judged. */
  nonconforming?: number
  nextSeverity?: 'normal' | 'tightened' | 'reduced' | 'discontinued'
  switchReason?: string
  /** Who judged or withdrew it. */
  by?: string
  /** Why it was withdrawn. */
  reason?: string
}

interface Asked {
  nodeId: string
  runId?: string
  /** Once for each entry: the same id again is the same entry. */
  entryId: string
}

export interface SamplingServices {
  /** Takes a lot up; the same lot once more, while it is open, is the same lot. Rejects with `sampling-discontinued` and what else the API says. */
  beginLot(request: Asked & { planId: string; number: string; size: number; isResubmission: boolean; workOrder?: string }): Promise<LotNow>
  lotNow(lotId: string): Promise<LotNow>
  /** Accepts or rejects the open lot of this number. */
  judgeLot(request: Asked & { planId: string; number: string; nonconforming: number; by?: string }): Promise<LotNow>
}

/** A reading at its place. */
export interface StudyReadingNow {
  part: string
  appraiser: string
  trial: number
  value: number
  readings: number
  of: number
}

export interface StudyServices {
  /** Puts a reading at the next place of a study: of this appraiser, or of whoever is next. */
  addStudyReading(request: Asked & { studyId: string; value: number; unit?: string; appraiser?: string }): Promise<StudyReadingNow>
}
