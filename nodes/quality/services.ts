/** What the quality nodes ask of the product: part of `CellwrightServices` (nodes/services.ts). */
import type { WorkOffsetName } from '../motion/action.ts'
import type { CorrectionPlan, CorrectionVerdict, Drift } from './engine/correction/contract.ts'

/** A characteristic that a node gives with its value. `lower` and `upper` are the limits themselves. */
interface InlineCharacteristic {
  name: string
  unit: string
  decimals: number
  nominal: number
  lower: number
  upper: number
}

interface QualitySignal {
  id: string
  characteristicId: string
  name: string
  subgroup: number
  chart: string
  rule: string
  text: string
  subgroups: number[]
  value: number
  side?: 'above' | 'below'
  lower?: number
  center?: number
  upper?: number
  asks: 'nothing' | 'cause' | 'cause-and-action'
  at: string
}

/** What became of an entry. */
export interface EnteredMeasurement {
  result: {
    entryId: string
    characteristicId: string
    isRepeat: boolean
    measurements: { id: string; value: number; isInTolerance: boolean; deviation?: number; text: string }[]
    isInTolerance: boolean
    subgroup: number
    /** Values that its point still waits for. */
    openValues: number
    signals: QualitySignal[]
    /** What is odd about it, though it was taken. */
    flags: { code: string; text: string }[]
    isLocked: boolean
  }
  name: string
  unit: string
  nominal: number | null
  lower: number | null
  upper: number | null
}

interface Index {
  value: number
  lower: number
  upper: number
  confidence: number
}

/** As the API tells it; `indices` is absent where there is a `problem`. */
export interface CapabilityNow {
  values: number
  subgroups: number
  excluded: number
  mean: number | null
  signals: number
  indices?: {
    cp: Index | null
    cpk: Index
    pp: Index | null
    ppk: Index
    cpm: Index | null
    within: { sigma: number }
    overall: { sigma: number }
    expectedOverallPpm: { total: number }
  }
  normality?: { p: number }
  problem?: { code: string; message: string }
}

/** An offset of a machine. `tool`: it is moved for this tool, whose own offset cannot be set. */
export interface CorrectedOffset {
  machineId: string
  workOffset: WorkOffsetName
  axis: 'X' | 'Y' | 'Z'
  tool?: string
}

/** What is to be done about a drift. Millimetres. */
export interface CorrectionNow {
  /** Of the characteristic. */
  name: string
  verdict: CorrectionVerdict['kind']
  /** `open`: an earlier proposal has no answer yet. `not-seen`: the last one was told as set, and the machine does not show it. */
  why?: 'too-few' | 'noise' | 'dead-band' | 'too-small' | 'open' | 'not-seen' | 'step' | 'sum'
  drift?: Drift
  points?: number
  /** What was moved since the last reset, of a proposal with it. */
  sumMm: number
  wantedMm?: number
  proposalId?: string
  byMm?: number
  /** Null: the machine does not tell its offsets. */
  fromMm?: number | null
  toMm?: number | null
  isLimited?: boolean
  since?: string
}

export interface QualityServices {
  /**
   * Keeps what was measured. Resolves when it is stored for good; waits while the gateway is away. Rejects with what was refused:
   * `characteristic-locked`, `unit-differs`, `serial-measured`, …
   */
  enter(request: {
    of: { characteristicId: string } | { inline: InlineCharacteristic }
    values: number[]
    /** Of counts: of how many. */
    size?: number
    unit?: string
    /** ISO time when it was measured, if that was not just now. */
    at?: string
    source?: 'flow' | 'gauge'
    serial?: string
    lot?: string
    machineId?: string
    program?: string
    tool?: string
    workOrder?: string
    by?: string
    nodeId: string
    runId?: string
  }): Promise<EnteredMeasurement>
  /** Those that are on the list and still measured. */
  characteristics(): Promise<{ id: string; name: string }[]>
  /** Capability of the newest points. */
  capability(request: {
    characteristicId: string
    last: number
    lot?: string
    nodeId: string
    runId?: string
  }): Promise<{ name: string; capability: CapabilityNow }>
  /** Weighs the drift of a characteristic; a proposal is kept. Nothing is set by it. Rejects with `characteristic-not-length`. */
  proposeCorrection(request: {
    characteristicId: string
    offset: CorrectedOffset
    plan: CorrectionPlan
    /** Only points of parts of that machine. */
    isOfMachine: boolean
    /** Parts that were made before a correction and are measured after it. */
    late: number
    /** So long a proposal without an answer holds back others. */
    openForS: number
    /** Where the offset is, as the machine says; null where it does not. */
    nowMm: number | null
    nodeId: string
    runId?: string
  }): Promise<CorrectionNow>
  /** Tells what became of a proposal. Rejects with `correction-unknown`, `correction-settled`. */
  settleCorrection(request: { proposalId: string; outcome: 'applied' | 'refused'; by?: string; nodeId: string; runId?: string }): Promise<{
    name: string
    byMm: number
    isRepeat: boolean
  }>
  /** What was moved counts anew, and points from before no more. */
  resetCorrections(request: { characteristicId: string; offset: CorrectedOffset; by?: string; nodeId: string; runId?: string }): Promise<{ name: string }>
}
