/** What the trigger nodes ask of the product: part of `CellwrightServices` (nodes/services.ts). */
import type { Schedule } from './time/schedule.ts'

export const TRIGGER_KINDS = ['time', 'event', 'condition', 'manual'] as const
type TriggerKind = (typeof TRIGGER_KINDS)[number]

/** What to do about times that passed while nothing could run. */
export const MISSED = ['skip', 'once', 'all'] as const
/** What to do when the run before is still at work. */
export const OVERLAP = ['start', 'skip'] as const

/** One value that a manual trigger asks for. */
export interface FormField {
  key: string
  label: string
  kind: 'text' | 'number' | 'yes-no' | 'date' | 'choice'
  unit?: string
  isRequired: boolean
  /** Of a choice. */
  choices?: string[]
}

/** What the gateway watches for an event trigger: its events wait in the database while no flow runs. */
export type EventSource =
  | { source: 'machine-event'; machineId: string; kinds: string[] }
  | { source: 'program-done'; machineId: string; ends: string[] }
  | { source: 'connection'; connectionId: string /** Only of this subject; `*` stands for anything. */; subject?: string }
  | { source: 'quality'; characteristicId: string /** Of these rules. */; rules: string[] }
  /** A lot of a sampling plan was accepted or rejected. */
  | { source: 'quality-lot'; planId: string }
  /** A gauge study was closed. */
  | { source: 'quality-study'; studyId: string }

/** A trigger as the list of triggers shows it. */
export interface TriggerFace {
  nodeId: string
  kind: TriggerKind
  name: string
  /** What sets it off, in words: for those without a schedule. */
  about?: string
  schedule?: Schedule
  missed?: (typeof MISSED)[number]
  /** A firing older than this counts as missed. */
  lateMs?: number
  overlap?: (typeof OVERLAP)[number]
  fields?: FormField[]
  on?: EventSource
  /** Live values that a condition looks at: what their connection brings is then wanted, even without an event trigger. */
  watches?: { connectionId: string; tags: string[] }
  /** Events that come sooner after the one before are left out. */
  coolDownMs?: number
}

/** One firing that the gateway hands to the node. */
export interface Firing {
  firingId: string
  /** Is the current run while the callback runs. */
  runId: string
  /** ISO: when it was due, and when it began. */
  dueAt: string
  at: string
  /** It was due long before: the misfire policy made it run all the same. */
  isLate: boolean
  /** The person who fired it by hand. */
  by?: string
  values: Record<string, unknown>
}

export interface TriggerServices {
  /**
   * Puts a trigger on the list; the gateway keeps its schedule, also while this process is away. `onFire` is called
   * once for a firing, in its run. `onSwitch` tells whether it is switched on: soon after this call, and at each change.
   */
  register(request: { face: TriggerFace; onFire: (firing: Firing) => void | Promise<void>; onSwitch: (isOn: boolean) => void }): () => void
  /** Opens a run for a trigger that fires by itself, and notes the firing. Undefined while it is switched off: then nothing is to be sent. */
  begin(nodeId: string, what: { text: string }): string | undefined
  /** Tells every listener of an event of this name, in any flow. */
  emit(name: string, message: Record<string, unknown>): number
  onEmit(name: string, listener: (message: Record<string, unknown>) => void): () => void
}
