/** A run as the flow runtime holds it, and what happens to its hops. No clock and no Node-RED in here. */
import { HOP_WIDTH, type RunRecord, type TracedMessage } from '../../runs/trace.ts'

/** Places in `RunRecord.detail`: received, completed, failed. */
export const RECEIVED = 0
export const COMPLETED = 1
export const FAILED = 2

const NONE: never[] = []
/** Reading it costs more than reading the clock. */
const { timeOrigin } = performance

export interface Run {
  readonly id: string
  /** Epoch ms, and the same moment on the monotonic clock. */
  readonly startedAt: number
  readonly startedMono: number
  readonly trigger: number
  hops: number
  /** Hops described so far, sent or not. */
  described: number
  /** Of those, sent. */
  sent: number
  detail: number[]
  late: number[] | undefined
  texts: string[] | undefined
  messages: TracedMessage[] | undefined
  /** What its steps are given is kept. */
  isKept: boolean
  /** Described hops that were sent while their node still worked: pairs of hop and node. */
  unfinished: number[] | undefined
  /** Receives whose node owes a `done`. */
  owed: number
  holds: number
  lastMono: number
  /** What its asynchronous contexts carry; one for all of them, since a context a hop costs more than everything else here. */
  readonly frame: Frame
  isDirty: boolean
  isAnnounced: boolean
  failure: string | undefined
  hasSilentNode: boolean
  end: RunRecord['end']
  /** When the end went out. */
  endSentMono: number
}

/** What the asynchronous context carries. */
export interface Frame {
  run: Run
  /** The node that was given a message last, -1 where only the run is known. */
  node: number
  /** Given by `withRun`: a node without inputs then sends in this run. */
  readonly isExplicit: boolean
}

/** A run that begins now. */
export function beginRun({ id, trigger, now, isKept }: { id: string; trigger: number; now: number; isKept: boolean }): Run {
  const frame = { node: -1, isExplicit: false } as Frame
  const run: Run = {
    id,
    frame,
    startedAt: timeOrigin + now,
    startedMono: now,
    trigger,
    hops: 0,
    described: 0,
    sent: 0,
    detail: [],
    late: undefined,
    texts: undefined,
    messages: undefined,
    isKept,
    unfinished: undefined,
    owed: 0,
    holds: 0,
    lastMono: now,
    isDirty: true,
    isAnnounced: false,
    failure: undefined,
    hasSilentNode: false,
    end: null,
    endSentMono: 0,
  }
  frame.run = run
  return run
}

/** Tenths of a millisecond since the run began. */
export const tenthsOf = (run: Run, mono: number): number => Math.max(0, Math.round((mono - run.startedMono) * 10))

/** Whether this hop is one of that node which still works. */
export function isUnfinished(run: Run, hop: number, node: number): boolean {
  if (hop >= run.sent) {
    const at = (hop - run.sent) * HOP_WIDTH
    return run.detail[at] === node && run.detail[at + 3] === RECEIVED
  }
  const sent = run.unfinished ?? NONE
  for (let at = 0; at < sent.length; at += 2) if (sent[at] === hop) return sent[at + 1] === node
  return false
}

/** The oldest hop at which a node still works; -1: none. */
export function firstUnfinished(run: Run, node: number): number {
  const sent = run.unfinished ?? NONE
  for (let at = 0; at < sent.length; at += 2) if (sent[at + 1] === node) return sent[at] ?? -1
  for (let at = 0; at < run.detail.length; at += HOP_WIDTH) if (run.detail[at] === node && run.detail[at + 3] === RECEIVED) return run.sent + at / HOP_WIDTH
  return -1
}

/** @param came.done in tenths since the run began */
export function settleHop(run: Run, hop: number, came: { outcome: number; text: number; done: number }): void {
  run.isDirty = true
  if (hop < run.sent) {
    const place = run.unfinished?.findIndex((value, at) => at % 2 === 0 && value === hop) ?? -1
    if (place >= 0) run.unfinished?.splice(place, 2)
    run.late ??= []
    run.late.push(hop, came.outcome, came.text, came.done)
    return
  }
  const at = (hop - run.sent) * HOP_WIDTH
  run.detail[at + 3] = came.outcome
  run.detail[at + 4] = came.text
  run.detail[at + 5] = came.done
}

/** What there is to tell of a run, which is told of then. */
export function takeNews(run: Run): RunRecord {
  const record: RunRecord = {
    id: run.id,
    isNew: !run.isAnnounced,
    startedAt: run.startedAt,
    trigger: run.trigger,
    hops: run.hops,
    firstSeq: run.sent,
    detail: run.detail,
    late: run.late ?? NONE,
    texts: run.texts ?? NONE,
    messages: run.messages ?? NONE,
    end: run.end,
  }
  if (run.end) run.endSentMono = performance.now()
  else {
    for (let at = 0; at < run.detail.length; at += HOP_WIDTH)
      if (run.detail[at + 3] === RECEIVED) {
        run.unfinished ??= []
        run.unfinished.push(run.sent + at / HOP_WIDTH, run.detail[at] ?? -1)
      }
    // why it ended may have to be told again
    run.texts = undefined
  }
  run.sent = run.described
  run.isAnnounced = true
  run.isDirty = false
  run.detail = []
  run.late = undefined
  run.messages = undefined
  return record
}
