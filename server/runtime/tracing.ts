/**
 * Records what runs do, through Node-RED's own hooks. Attachable to any Node-RED, so that a bench can compare.
 *
 * The hot path is four hooks a hop; they look up the run, count, and push small numbers into the run's own
 * array. No JSON, no timer and no promise a message: one interval sends what gathered and ends what is silent.
 * A hook never throws: a fault in here is reported once and the message goes on.
 *
 * A run's id travels as `msg._run`. A node that makes a new message inherits the run of the asynchronous context
 * in which it does so (AsyncLocalStorage); a node without inputs opens a new run with every message.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { messageOf } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import { innermost } from '../../nodes/orchestration/stack.ts'
import { DETAILED_HOPS, encodeTrace, HOP_WIDTH } from '../runs/trace.ts'
import type { CompleteEvent, LogRecord, Message, NodeRed, ReceiveEvent, RunningNode, SendEvent } from './node-red.ts'
import { createKeeper } from './tracing/keeper.ts'
import { createNodeTable } from './tracing/node-table.ts'
import { beginRun, COMPLETED, FAILED, type Frame, firstUnfinished, isUnfinished, RECEIVED, type Run, settleHop, takeNews, tenthsOf } from './tracing/run.ts'

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
  /** Whether anything of a run is outstanding, or was until just now. */
  isOpen(runId: string): boolean
  /** The run does not end before the release. */
  holdRun(runId: string): () => void
  endRun(runId: string, outcome: { state: 'completed' | 'failed'; text?: string }): void
  /**
   * The other side was away since then (by the monotonic clock) and may have lost what it was told just before:
   * tells of every open run again, and of the ends that went out shortly before.
   */
  repeatRuns(awaySince: number): void
  /** Sends what there is, now. */
  flush(): void
  stop(): void
  /** Hops seen and hops described or counted in a batch since the start, for benches. */
  readonly counts: { seen: number; dropped: number; runs: number }
}

/** A run ends when nothing is outstanding and nothing happened for so long. */
const SETTLE_MS = 500
/** A run whose nodes still owe a `done` ends after so long a silence: some nodes never call it. */
const UNFINISHED_SETTLE_MS = 60_000
const TICK_MS = 100
/** An open run is told of early when it lives longer than this. */
const EARLY_MS = 300
const MAX_OPEN_RUNS = 20_000
const MAX_WAITING_RUNS = 20_000
const MAX_WAITING_HOPS = 500_000
const ENDED_REMEMBERED = 2000
/** How long the gateway may hold what it was told before it is in the database. */
const UNSTORED_MS = 3000
const TEXT_LIMIT = 300

/** What Node-RED triggers on the way of a message (@node-red/util/lib/hooks.js). */
const HOOKS = ['onSend', 'preRoute', 'preDeliver', 'postDeliver', 'onReceive', 'postReceive', 'onComplete']

/** On a message on its way: who sent it (-1: that is known already), and which hop it is at. JSON and Node-RED's editor do not see these. */
const FROM = Symbol('index of the node that sent the message')
const HOP = Symbol('hop that the message is at')
type TracedMessage = Message & { [FROM]?: number; [HOP]?: number }

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
  const nodes = createNodeTable(red)
  const keeper = createKeeper()
  let hasFaulted = false
  /** The node whose `done` brought an error just now: Node-RED logs that error next, unless the flow catches it. */
  let failing = -1
  /** It failed inside a step (for each, try, retry …), which takes the error as its branch's outcome. */
  let isFailureOfBranch = false
  /** When the last tick was. */
  let tickMono = performance.now()
  function openRun(trigger: number, id: string = newId('run')): Run {
    const run = beginRun({ id, trigger, now: performance.now(), isKept: keeper.mayBegin() })
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

  /** The run of a message that says which, as a rule the one of the calling context. */
  const runOf = (id: string, frame: Frame | undefined, node: number): Run =>
    frame !== undefined && frame.run.id === id && frame.run.end === null ? frame.run : (open.get(id) ?? takeUp(id, node))

  const onSend = (events: SendEvent[]) => {
    let opened: Run | undefined
    const frame = storage.getStore()
    for (const { msg, source } of events) {
      const node = nodes.of(source.node)
      let run: Run
      if (typeof msg._run === 'string') run = runOf(msg._run, frame, node)
      else {
        if (opened) run = opened
        else if (frame && (frame.isExplicit || hasInput(source.node))) run = frame.run.end ? takeUp(frame.run.id, node) : frame.run
        else run = openRun(node)
        opened = run
        msg._run = run.id
      }
      // a message that is cloned on its way takes it along
      ;(msg as TracedMessage)[FROM] = node
      if (run.lastMono < tickMono) run.lastMono = tickMono
    }
  }

  const onReceive = ({ msg, destination }: { msg: TracedMessage; destination: ReceiveEvent['destination'] }) => {
    const node = destination.node
    const index = nodes.of(node)
    const frame = storage.getStore()
    // handed over without a wire (link, catch, a button of the editor): by the node at work
    const from = msg[FROM] ?? -1
    let run: Run
    let isFirst = false
    if (typeof msg._run === 'string') run = runOf(msg._run, frame, index)
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
    if (node._expectedDoneCount > 0) run.owed += 1
    else run.hasSilentNode = true
    let hop = -1
    if (run.described < DETAILED_HOPS) {
      if (waitingHops < MAX_WAITING_HOPS) {
        hop = run.described
        run.described += 1
        waitingHops += 1
        const sender = from >= 0 || isFirst ? from : frame?.run === run && frame.node >= 0 ? frame.node : run.trigger
        run.detail.push(index, sender, tenthsOf(run, now), RECEIVED, -1, -1, sizeOf(msg.payload))
        if (run.isKept) keep(run, hop, msg, false)
      } else dropped += 1
    }
    msg[FROM] = -1
    msg[HOP] = hop
    failing = -1
    if (frame !== run.frame) storage.enterWith(run.frame)
    run.frame.node = index
  }

  function keep(run: Run, seq: number, msg: Message, isFailure: boolean): void {
    const kept = keeper.keep(msg, { seq, already: run.messages?.length ?? 0, isFailure })
    if (!kept) return
    run.messages ??= []
    run.messages.push(kept)
    const place = (seq - run.sent) * HOP_WIDTH + 6
    if (run.detail[place] === -1) run.detail[place] = kept.bytes
  }

  const onComplete = ({ msg, error, node: { node } }: { msg: TracedMessage; error?: unknown; node: CompleteEvent['node'] }) => {
    const index = nodes.of(node)
    const frame = storage.getStore()
    // a node may have taken the run out of its message
    const run = typeof msg._run !== 'string' || frame?.run.id === msg._run ? frame?.run : open.get(msg._run)
    if (!run || run.end) return
    // the message is elsewhere already when the node passed it on before it was done: then the oldest open hop of that node is meant
    let hop = msg[HOP] ?? -1
    if (hop < 0 || !isUnfinished(run, hop, index)) hop = firstUnfinished(run, index)
    if (node._expectedDoneCount > 0 && run.owed > 0 && (hop >= 0 || run.described >= DETAILED_HOPS)) run.owed -= 1
    const now = performance.now()
    run.lastMono = now
    failing = error ? index : -1
    isFailureOfBranch = !!error && innermost(msg) !== undefined
    if (hop < 0) return
    settleHop(run, hop, { outcome: error ? FAILED : COMPLETED, text: error ? addText(run, error) : -1, done: tenthsOf(run, now) })
    if (error && !run.isKept) keep(run, hop, msg, true)
  }

  // an error that no catch node took is logged in the context of its hop
  const errors = {
    emit(_event: string, record: LogRecord) {
      if (record.level !== 20 || !record.id) return
      const frame = storage.getStore()
      if (!frame || frame.run.end) return
      const { run } = frame
      const text = clip(record.msg)
      // said through `done`, the hop has failed already; nodes of the old kind only log
      const id = record._alias ?? record.id
      const isOfHop = failing >= 0 && nodes.at(failing).id === id
      failing = -1
      run.isDirty = true
      if (isOfHop && isFailureOfBranch) return
      run.failure ??= text
      if (isOfHop || frame.node < 0 || nodes.at(frame.node).id !== id) return
      const hop = firstUnfinished(run, frame.node)
      if (hop >= 0) settleHop(run, hop, { outcome: FAILED, text: addText(run, text), done: tenthsOf(run, performance.now()) })
    },
  }

  function endRun(run: Run, how: { isFailed: boolean; isBySettling: boolean; text: string | undefined }): void {
    open.delete(run.id)
    run.end = {
      isFailed: how.isFailed,
      atTenths: tenthsOf(run, run.lastMono),
      isBySettling: how.isBySettling,
      text: how.text === undefined ? -1 : addText(run, how.text),
    }
    if (waiting.length >= MAX_WAITING_RUNS && !run.isAnnounced) {
      dropped += run.described - run.sent
      waitingHops -= run.described - run.sent
      keeper.gone(run.messages)
      run.messages = undefined
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

  const take = (run: Run) => {
    waitingHops -= run.described - run.sent
    keeper.gone(run.messages)
    return takeNews(run)
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
      encodeTrace(records, (index) => nodes.at(index)),
      dropped,
    )
    dropped = 0
  }

  const timer = setInterval(() => {
    const now = performance.now()
    // after a blocked loop messages may still be under way: look again at the next tick
    if (now - tickMono < TICK_MS * 3) settle(now)
    tickMono = now
    keeper.tick()
    flush(false)
  }, TICK_MS)
  timer.unref()

  // ahead of the hooks that are added by name: going through their list costs more a hop than what is done here
  const { hooks } = red
  const { trigger: triggerOthers, add, remove } = hooks
  /** Node-RED looks seven times a hop whether anybody has added one: while nobody has, that is spared. */
  let isHooked = true
  const lookForHooks = () => {
    isHooked = HOOKS.some((name) => hooks.has(name))
  }
  hooks.add = (...given: unknown[]) => {
    ;(add as (...given: unknown[]) => void)(...given)
    lookForHooks()
  }
  hooks.remove = (labelled) => {
    remove(labelled)
    lookForHooks()
  }
  lookForHooks()
  hooks.trigger = (name, payload, done) => {
    try {
      if (name === 'onReceive') onReceive(payload as ReceiveEvent)
      else if (name === 'onSend') onSend(payload as SendEvent[])
      else if (name === 'onComplete') onComplete(payload as CompleteEvent)
    } catch (error) {
      if (!hasFaulted) options.onFault?.(error)
      hasFaulted = true
    }
    // the hooks of an installation are asked without `done`
    if (!isHooked && done) return done()
    return triggerOthers(name, payload, done)
  }
  red.log.addHandler(errors)

  return {
    counts,
    currentRun: () => storage.getStore()?.run.id,
    currentNode: () => {
      const index = storage.getStore()?.node ?? -1
      return index < 0 ? undefined : nodes.at(index).id
    },
    newRun: (nodeId) => openRun(nodes.byId(nodeId)).id,
    withRun(runId, fn, nodeId) {
      const run = takeUp(runId, nodes.byId(nodeId))
      run.lastMono = performance.now()
      return storage.run({ run, node: -1, isExplicit: true }, fn)
    },
    isOpen: (runId) => open.has(runId),
    holdRun(runId) {
      const run = takeUp(runId, nodes.byId(undefined))
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
      // what is still on its way in a node may take the run up again: it has failed all the same
      if (state === 'failed') run.failure ??= text
      endRun(run, { isFailed: state === 'failed', isBySettling: false, text: text ?? run.failure })
    },
    repeatRuns(awaySince) {
      for (const run of open.values()) {
        run.isAnnounced = false
        run.isDirty = true
      }
      for (const run of ended) {
        if (!run?.isAnnounced || run.endSentMono < awaySince - UNSTORED_MS) continue
        run.isAnnounced = false
        waiting.push(run)
      }
    },
    flush: () => flush(true),
    stop() {
      clearInterval(timer)
      Object.assign(hooks, { trigger: triggerOthers, add, remove })
    },
  }
}

/** Characters or bytes, where that costs nothing to know; -1: not known. */
function sizeOf(payload: unknown): number {
  if (typeof payload === 'string') return payload.length
  return ArrayBuffer.isView(payload) ? payload.byteLength : -1
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
