/**
 * Records what runs do, through Node-RED's own hooks. Attachable to any Node-RED, so that a bench can compare.
 *
 * The hot path is three hooks a hop; each looks up the run, counts, and pushes small numbers into the run's own
 * array. No JSON, no timer and no promise a message: one interval sends what gathered and ends what is silent.
 * A hook never throws: a fault in here is reported once and the message goes on.
 *
 * A run's id travels as `msg._run`. A node that makes a new message inherits the run of the asynchronous context
 * in which it does so (AsyncLocalStorage); a node without inputs opens a new run with every message.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { messageOf } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import { DETAILED_HOPS, encodeTrace, type RunRecord, type TraceNode } from '../runs/trace.ts'
import type { CompleteEvent, LogRecord, NodeRed, ReceiveEvent, RunningNode, SendEvent } from './node-red.ts'

/** Where batches go. */
export interface TraceSink {
  /** False while it is away or slow: batches then wait, and beyond a bound are dropped and counted. */
  isReady(): boolean
  send(batch: Buffer, droppedHops: number): void
}

export interface Tracing {
  currentRun(): string | undefined
  /** The node at work in the calling context. */
  currentNode(): string | undefined
  /** Opens a run with this node as its trigger. */
  newRun(nodeId: string): string
  withRun<T>(runId: string, fn: () => T, nodeId?: string): T
  /** The run does not end before the release. */
  holdRun(runId: string): () => void
  endRun(runId: string, outcome: { state: 'completed' | 'failed'; text?: string }): void
  /** Tells of every open run again: the other side may have forgotten them. */
  repeatOpenRuns(): void
  /** Sends what there is, now. */
  flush(): void
  stop(): void
  /** Hops seen and hops described or counted in a batch since the start, for benches. */
  readonly counts: { seen: number; dropped: number; runs: number }
}

/** A run ends when nothing is outstanding and nothing happened for so long. */
export const SETTLE_MS = 500
/** A run whose nodes still owe a `done` ends after so long a silence: some nodes never call it. */
export const UNFINISHED_SETTLE_MS = 60_000
const TICK_MS = 100
/** An open run is told of early when it lives longer than this. */
const EARLY_MS = 300
const MAX_OPEN_RUNS = 20_000
const MAX_WAITING_RUNS = 20_000
const MAX_WAITING_HOPS = 500_000
const ENDED_REMEMBERED = 2000
const TEXT_LIMIT = 300

/** Places in `RunRecord.detail`: received, completed, failed. */
const RECEIVED = 0
const COMPLETED = 1
const FAILED = 2

interface Run {
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
  /** Described hops that were sent while their node still worked: pairs of hop and node. */
  unfinished: number[] | undefined
  /** Receives whose node owes a `done`. */
  owed: number
  holds: number
  lastMono: number
  /** Sender of the last message that was sent outside its node's context. */
  lastSender: number
  isDirty: boolean
  isAnnounced: boolean
  failure: string | undefined
  hasSilentNode: boolean
  end: RunRecord['end']
}

/** What the asynchronous context carries: the run, and which hop of it is at work. */
interface Frame {
  readonly run: Run
  /** The node at work, or -1 where only the run is known. */
  readonly node: number
  /** Its place among the described hops, -1 beyond them. */
  readonly hop: number
  owes: boolean
  /** Given by `withRun`: a node without inputs then sends in this run. */
  readonly isExplicit: boolean
}

const NONE: never[] = []
const INDEX = Symbol('index of the node in the trace table')
type IndexedNode = RunningNode & { [INDEX]?: number }

export function attachTracing(red: Pick<NodeRed, 'hooks' | 'log' | 'nodes'>, options: { sink: TraceSink; onFault?: (error: unknown) => void }): Tracing {
  const { sink } = options
  const storage = new AsyncLocalStorage<Frame>()
  const open = new Map<string, Run>()
  /** The last ones that ended, for messages that come late (rare: searched, not indexed). */
  const ended: (Run | undefined)[] = new Array(ENDED_REMEMBERED).fill(undefined)
  let endedAt = 0
  /** Ended and not yet sent. */
  let waiting: Run[] = []
  let waitingHops = 0
  let dropped = 0
  const counts = { seen: 0, dropped: 0, runs: 0 }
  const nodes: TraceNode[] = []
  const nodeKeys = new Map<string, number>()
  let hasFaulted = false
  /** When the last tick was. */
  let tickMono = performance.now()
  const guard =
    <E>(hook: (event: E) => void) =>
    (event: E): void => {
      try {
        hook(event)
      } catch (error) {
        if (hasFaulted) return
        hasFaulted = true
        options.onFault?.(error)
      }
    }

  function indexNode(node: IndexedNode): number {
    const known = node[INDEX]
    if (known !== undefined) return known
    const id = node._alias ?? node.id
    const flow = node._flow?.flow
    const flowId = node._flow?.id
    const flowName = flow?.label ?? flow?.name
    const index = indexFacts({
      id,
      type: node.type,
      ...(node.name ? { name: String(node.name) } : {}),
      ...(flowId ? { flowId } : {}),
      ...(flowName ? { flowName } : {}),
    })
    Object.defineProperty(node, INDEX, { value: index, enumerable: false })
    return index
  }

  function indexFacts(facts: TraceNode): number {
    const key = JSON.stringify(facts)
    let index = nodeKeys.get(key)
    if (index === undefined) {
      index = nodes.length
      nodes.push(facts)
      nodeKeys.set(key, index)
    }
    return index
  }

  function indexById(nodeId: string | undefined): number {
    const node = nodeId === undefined ? null : red.nodes.getNode(nodeId)
    return node ? indexNode(node) : indexFacts({ id: nodeId ?? '?', type: 'unknown' })
  }

  function openRun(trigger: number, id: string = newId('run')): Run {
    const now = performance.now()
    const run: Run = {
      id,
      startedAt: performance.timeOrigin + now,
      startedMono: now,
      trigger,
      hops: 0,
      described: 0,
      sent: 0,
      detail: [],
      late: undefined,
      texts: undefined,
      unfinished: undefined,
      owed: 0,
      holds: 0,
      lastMono: now,
      lastSender: trigger,
      isDirty: true,
      isAnnounced: false,
      failure: undefined,
      hasSilentNode: false,
      end: null,
    }
    open.set(id, run)
    counts.runs += 1
    return run
  }

  /** The run of an id that a message brings: open, ended a while ago, or unknown here. */
  function takeUp(id: string, node: number): Run {
    const known = open.get(id)
    if (known) return known
    const place = ended.findIndex((run) => run?.id === id)
    const past = ended[place]
    if (!past) return openRun(node, id)
    ended[place] = undefined
    past.end = null
    past.lastMono = performance.now()
    past.isDirty = true
    past.isAnnounced = false
    open.set(id, past)
    return past
  }

  const onSend = (events: SendEvent[]) => {
    let opened: Run | undefined
    const frame = storage.getStore()
    for (const { msg, source } of events) {
      const node = indexNode(source.node)
      let run: Run
      if (typeof msg._run === 'string') run = open.get(msg._run) ?? takeUp(msg._run, node)
      else {
        if (opened) run = opened
        else if (frame && (frame.isExplicit || hasInput(source.node))) run = frame.run.end ? takeUp(frame.run.id, node) : frame.run
        else run = openRun(node)
        opened = run
        msg._run = run.id
      }
      if (run.lastMono < tickMono) run.lastMono = tickMono
      if (frame?.run !== run || frame.node !== node) run.lastSender = node
    }
  }

  const onReceive = ({ msg, destination }: ReceiveEvent) => {
    const node = destination.node
    const index = indexNode(node)
    const frame = storage.getStore()
    let run: Run
    let isFirst = false
    if (typeof msg._run === 'string') run = open.get(msg._run) ?? takeUp(msg._run, index)
    else {
      if (frame) run = frame.run.end ? takeUp(frame.run.id, index) : frame.run
      else {
        run = openRun(index)
        isFirst = true
      }
      msg._run = run.id
    }
    const now = performance.now()
    run.lastMono = now
    run.isDirty = true
    run.hops += 1
    counts.seen += 1
    const owes = node._expectedDoneCount > 0
    if (owes) run.owed += 1
    else run.hasSilentNode = true
    let hop = -1
    if (run.described < DETAILED_HOPS) {
      if (waitingHops < MAX_WAITING_HOPS) {
        hop = run.described
        run.described += 1
        waitingHops += 1
        const from = isFirst ? -1 : frame?.run === run && frame.node >= 0 ? frame.node : run.lastSender
        run.detail.push(index, from, Math.max(0, Math.round((now - run.startedMono) * 10)), RECEIVED, -1)
      } else dropped += 1
    }
    storage.enterWith({ run, node: index, hop, owes, isExplicit: false })
  }

  const onComplete = ({ msg, error, node: { node } }: CompleteEvent) => {
    const index = indexNode(node)
    const frame = storage.getStore()
    let run: Run | undefined
    let hop = -1
    if (frame && frame.node === index && (frame.run.id === msg._run || typeof msg._run !== 'string')) {
      run = frame.run
      hop = frame.hop
      if (frame.owes) {
        frame.owes = false
        run.owed -= 1
      }
    } else {
      // `done` came from another context (a shared timer, a socket): the oldest open receive of that node is meant
      run = typeof msg._run === 'string' ? open.get(msg._run) : undefined
      if (!run) return
      if (node._expectedDoneCount > 0 && run.owed > 0) run.owed -= 1
      hop = firstUnfinished(run, index)
    }
    // the clock costs: what ends within one tick of its receive needs no second look at it
    if (run.lastMono < tickMono) run.lastMono = performance.now()
    if (hop < 0) return
    settleHop(run, hop, error ? FAILED : COMPLETED, error ? addText(run, error) : -1)
  }

  function settleHop(run: Run, hop: number, outcome: number, text: number): void {
    run.isDirty = true
    if (hop < run.sent) {
      const place = run.unfinished?.findIndex((value, at) => at % 2 === 0 && value === hop) ?? -1
      if (place >= 0) run.unfinished?.splice(place, 2)
      run.late ??= []
      run.late.push(hop, outcome, text)
      return
    }
    const at = (hop - run.sent) * 5
    run.detail[at + 3] = outcome
    run.detail[at + 4] = text
  }

  function firstUnfinished(run: Run, node: number): number {
    const sent = run.unfinished ?? NONE
    for (let at = 0; at < sent.length; at += 2) if (sent[at + 1] === node) return sent[at] ?? -1
    for (let at = 0; at < run.detail.length; at += 5) if (run.detail[at] === node && run.detail[at + 3] === RECEIVED) return run.sent + at / 5
    return -1
  }

  // an error that no catch node took is logged in the context of its hop
  const errors = {
    emit(_event: string, record: LogRecord) {
      if (record.level !== 20 || !record.id) return
      const frame = storage.getStore()
      if (!frame || nodes[frame.node]?.id !== (record._alias ?? record.id)) return
      const { run } = frame
      const text = clip(record.msg)
      run.failure ??= text
      run.isDirty = true
      if (frame.hop >= 0) settleHop(run, frame.hop, FAILED, addText(run, text))
    },
  }

  function endRun(run: Run, how: { isFailed: boolean; isBySettling: boolean; text: string | undefined }): void {
    open.delete(run.id)
    run.end = {
      isFailed: how.isFailed,
      atTenths: Math.max(0, Math.round((run.lastMono - run.startedMono) * 10)),
      isBySettling: how.isBySettling,
      text: how.text === undefined ? -1 : addText(run, how.text),
    }
    if (waiting.length >= MAX_WAITING_RUNS && !run.isAnnounced) {
      dropped += run.described - run.sent
      waitingHops -= run.described - run.sent
    } else waiting.push(run)
    ended[endedAt] = run
    endedAt = (endedAt + 1) % ENDED_REMEMBERED
  }

  function settle(now: number): void {
    let excess = open.size - MAX_OPEN_RUNS
    for (const run of open.values()) {
      // in order of opening: the rest is younger
      if (excess <= 0 && now - run.startedMono < SETTLE_MS) break
      const silence = now - run.lastMono
      const isDone = run.owed <= 0 && run.holds === 0 && silence >= SETTLE_MS
      const isGivenUp = run.holds === 0 && silence >= UNFINISHED_SETTLE_MS
      if (isDone || isGivenUp || excess > 0) {
        excess -= 1
        endRun(run, { isFailed: run.failure !== undefined, isBySettling: !isDone || run.hasSilentNode, text: run.failure })
      }
    }
  }

  function take(run: Run): RunRecord {
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
      end: run.end,
    }
    waitingHops -= run.described - run.sent
    if (!run.end) {
      for (let at = 0; at < run.detail.length; at += 5)
        if (run.detail[at + 3] === RECEIVED) {
          run.unfinished ??= []
          run.unfinished.push(run.sent + at / 5, run.detail[at] ?? -1)
        }
    }
    run.sent = run.described
    run.isAnnounced = true
    run.isDirty = false
    run.detail = []
    run.late = undefined
    run.texts = undefined
    return record
  }

  function flush(isAll: boolean): void {
    if (!sink.isReady()) return
    const now = performance.now()
    const records = waiting.map(take)
    waiting = []
    for (const run of open.values()) {
      if (!isAll && now - run.startedMono < EARLY_MS) break
      // a short run is told of once, when it has ended
      if (run.isDirty && (isAll || run.owed > 0 || run.holds > 0 || now - run.startedMono >= 1000)) records.push(take(run))
    }
    if (!records.length && !dropped) return
    counts.dropped += dropped
    sink.send(
      encodeTrace(records, (index) => nodes[index] ?? { id: '?', type: '?' }),
      dropped,
    )
    dropped = 0
  }

  const timer = setInterval(() => {
    const now = performance.now()
    // after a blocked loop messages may still be under way: look again at the next tick
    if (now - tickMono < TICK_MS * 3) settle(now)
    tickMono = now
    flush(false)
  }, TICK_MS)
  timer.unref()

  red.hooks.add('onSend.cellwright', guard(onSend))
  red.hooks.add('onReceive.cellwright', guard(onReceive))
  red.hooks.add('onComplete.cellwright', guard(onComplete))
  red.log.addHandler(errors)

  return {
    counts,
    currentRun: () => storage.getStore()?.run.id,
    currentNode: () => nodes[storage.getStore()?.node ?? -1]?.id,
    newRun: (nodeId) => openRun(indexById(nodeId)).id,
    withRun(runId, fn, nodeId) {
      const run = takeUp(runId, indexById(nodeId))
      run.lastMono = performance.now()
      return storage.run({ run, node: -1, hop: -1, owes: false, isExplicit: true }, fn)
    },
    holdRun(runId) {
      const run = takeUp(runId, indexById(undefined))
      run.holds += 1
      let isHeld = true
      return () => {
        if (!isHeld) return
        isHeld = false
        run.holds -= 1
        run.lastMono = performance.now()
      }
    },
    endRun(runId, { state, text }) {
      const run = open.get(runId)
      if (!run) return
      run.lastMono = performance.now()
      endRun(run, { isFailed: state === 'failed', isBySettling: false, text: text ?? run.failure })
    },
    repeatOpenRuns() {
      for (const run of open.values()) {
        run.isAnnounced = false
        run.isDirty = true
      }
    },
    flush: () => flush(true),
    stop() {
      clearInterval(timer)
      red.hooks.remove('*.cellwright')
    },
  }
}

function hasInput(node: RunningNode): boolean {
  return node._inputCallback !== null || node._inputCallbacks !== null
}

function addText(run: Run, text: unknown): number {
  run.texts ??= []
  run.texts.push(clip(text))
  return run.texts.length - 1
}

function clip(text: unknown): string {
  const plain = typeof text === 'string' ? text : messageOf(text)
  return plain.length > TEXT_LIMIT ? `${plain.slice(0, TEXT_LIMIT - 1)}…` : plain
}
