/**
 * The runtime's side of steps: turns, one after the other for each step, repeated until a gateway has taken them.
 * What is kept here is for speed and for status; the rows in the gateway are the truth.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf, UserError } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import type { Logger } from '../../base/log.ts'
import type { RpcHandlers } from '../../base/rpc.ts'
import type { OpenSteps, Step, StepHandle, StepOwner, StepReturn, StepServices, StepWake, Turn } from '../../nodes/orchestration/services.ts'
import { innermost, marksOf } from '../../nodes/orchestration/stack.ts'
import { bounded, DATA_LIMIT, MESSAGE_LIMIT, type WireStep } from '../orchestration/runtime-contract.ts'
import type { runtimeRpc } from './contract.ts'
import type { GatewayLink } from './gateway-link.ts'
import { decodeStep, encodeStep, type LiveParts } from './step-messages.ts'
import type { Tracing } from './tracing.ts'

type Handlers = RpcHandlers<typeof runtimeRpc>
type AnyOwner = StepOwner<unknown>
type Message = Step<unknown>['message']

/** A node is away for so long at most while a deploy restarts it. */
const OWNER_MS = 10_000
/** Turns of one step that meet: each reads it again. */
const TRIES = 50
const GATHER_MS = 50
const RECENT = 500
const RECENT_BYTES = 50_000

interface Brief {
  text: string
  since: number
  dueAt: number | undefined
}

export interface StepPart {
  services: StepServices
  requests: Pick<Handlers['requests'], 'wakeStep'>
  notifications: Pick<Handlers['notifications'], 'stepEnded'>
  /** The flows run: what waits may be woken. */
  ready(): void
}

export function createStepServices(options: {
  link: GatewayLink
  tracing: () => Tracing
  log: Logger
  /** Keeps messages of these runs from going any further. */
  stopRuns: (runIds: readonly string[], reason: string) => void
}): StepPart {
  const { link, tracing, log } = options
  /** Tells this life of the runtime from others: what another one gave out is gone. */
  const life = newId('prs')
  const owners = new Map<string, AnyOwner>()
  const arrivals = new Map<string, Set<() => void>>()
  const queues = new Map<string, Promise<unknown>>()
  const open = new Map<string, Map<string, Brief>>()
  const live = new Map<string, LiveParts>()
  const flows = new Map<string, { nodeId: string; onCall: (message: Message) => void }>()
  /** Steps as they were at the end of their last turn here, so that one that comes back at once is not read again. */
  const recent = new Map<string, WireStep>()
  let isRunning = false

  // --- what waits at each node
  const due = new Set<string>()
  const show = (nodeId: string) => {
    due.add(nodeId)
    // the first one waits for company
    if (due.size > 1) return
    setTimeout(() => {
      for (const id of due) tellOwner(id)
      due.clear()
    }, GATHER_MS)
  }
  const tellOwner = (nodeId: string) => {
    try {
      owners.get(nodeId)?.onChange?.(summary(open.get(nodeId)))
    } catch (error) {
      log.error({ err: error, nodeId }, 'a node failed on its open steps')
    }
  }
  const note = (nodeId: string, id: string, brief: Brief | undefined) => {
    const steps = open.get(nodeId) ?? new Map<string, Brief>()
    open.set(nodeId, steps)
    if (brief) steps.set(id, brief)
    else {
      steps.delete(id)
      live.delete(id)
    }
    show(nodeId)
  }
  const noteWire = (step: WireStep) => note(step.nodeId, step.id, { text: step.text, since: step.createdAt, dueAt: step.dueAt })

  // --- turns
  const remember = (wire: WireStep) => {
    if (wire.data.length + wire.message.length > RECENT_BYTES) return
    recent.set(wire.id, wire)
    const [oldest] = recent.keys()
    if (recent.size > RECENT && oldest !== undefined) recent.delete(oldest)
  }
  const inTurn = <T>(stepId: string, work: () => Promise<T>): Promise<T> => {
    const next = (queues.get(stepId) ?? Promise.resolve()).then(work, work)
    const settled = next.catch(() => {}) // whoever asked hears of it
    queues.set(stepId, settled)
    void settled.then(() => {
      if (queues.get(stepId) === settled) queues.delete(stepId)
    })
    return next
  }

  const ownerOf = async (nodeId: string): Promise<AnyOwner> => {
    const now = owners.get(nodeId)
    if (now) return now
    let arrive: () => void = () => {}
    const arrived = new Promise<void>((resolve) => {
      arrive = resolve
    })
    const waiting = arrivals.get(nodeId) ?? new Set()
    arrivals.set(nodeId, waiting.add(arrive))
    await Promise.race([arrived, sleep(OWNER_MS, undefined, { ref: false })])
    waiting.delete(arrive)
    if (!waiting.size) arrivals.delete(nodeId)
    const later = owners.get(nodeId)
    if (later) return later
    throw notRunning()
  }

  type Decide = (step: Step<unknown>) => Turn<unknown> | undefined | Promise<Turn<unknown> | undefined>

  /** One turn on the row as it is now; what was lost with an earlier life is dealt with before anything else. */
  async function takeTurn(options: { stepId: string; owner: AnyOwner; decide: Decide; isWakeTaken: boolean; given?: WireStep }): Promise<boolean> {
    const { stepId, owner, decide, isWakeTaken } = options
    let { given } = options
    for (let tries = 0; tries < TRIES; tries += 1) {
      // a row that changed since this process saw it refuses the turn, and is read then
      const wire = given ?? recent.get(stepId) ?? (await link.callPatiently('readStep', { id: stepId }))
      given = undefined
      recent.delete(stepId)
      if (!wire) {
        note(owner.nodeId, stepId, undefined)
        return false
      }
      const step = decodeStep(wire, live.get(stepId))
      const isLost = wire.isOut && wire.life !== life
      const run = <T>(work: () => T): T => tracing().withRun(wire.runId, work, owner.nodeId)
      const turn = await run(() => (isLost ? (owner.onLost?.(step, wire.kept ?? []) ?? LOST) : decide(step)))
      if (!turn && !isWakeTaken) {
        noteWire(wire)
        return true
      }
      // a wake that the node has no use for is taken all the same
      const stored = await store(wire, turn ?? {}, isWakeTaken && !isLost)
      if (stored === 'changed') continue
      if (stored === 'ended') {
        note(owner.nodeId, stepId, undefined)
        return false
      }
      if (stored) {
        noteWire(stored)
        remember(stored)
      } else note(owner.nodeId, stepId, undefined)
      if (turn?.after) {
        try {
          run(turn.after)
        } finally {
          if (turn.end)
            void link
              .callPatiently('stepSent', { runId: wire.runId })
              .catch((error) => log.warn({ err: error }, 'a run stays open: that its step has sent could not be told'))
        }
      }
      // what was asked comes next, on what is left of the step
      if (isLost && stored && !isWakeTaken) continue
      return true
    }
    throw new Error(`The step ${stepId} changed ${TRIES} times while its node took a turn.`)
  }

  async function store(wire: WireStep, turn: Turn<unknown>, isWakeTaken: boolean): Promise<WireStep | null | 'changed' | 'ended'> {
    const { message, data, after: _after, ...change } = turn
    const parts = message === undefined ? undefined : encodeStep(message)
    if (parts?.live) live.set(wire.id, parts.live)
    try {
      return await link.callPatiently('saveStep', {
        id: wire.id,
        revision: wire.revision,
        turn: newId('trn'),
        life,
        isWakeTaken,
        isSending: turn.end !== undefined && turn.after !== undefined,
        change: {
          ...change,
          ...(parts === undefined ? {} : { message: bounded(parts.text, MESSAGE_LIMIT) }),
          ...(data === undefined ? {} : { data: bounded(encodeStep(data).text, DATA_LIMIT) }),
        },
      })
    } catch (error) {
      if (error instanceof UserError && error.code === 'step-changed') return 'changed'
      if (error instanceof UserError && error.code === 'step-ended') return 'ended'
      throw error
    }
  }

  function register<Data>(owner: StepOwner<Data>): StepHandle<Data> {
    // what a row holds is what this very node type stored
    const own = owner as unknown as AnyOwner
    owners.set(own.nodeId, own)
    for (const arrive of arrivals.get(own.nodeId) ?? []) arrive()
    show(own.nodeId)
    if (isRunning) tellReadySoon()
    return {
      async open(request) {
        const { message, kind, data, text, key, dueAt, isElapsed, isOut, ask, after } = request
        const id = newId('stp')
        const runId = message._run ?? tracing().currentRun() ?? tracing().newRun(own.nodeId)
        const around = innermost(message)
        const parts = encodeStep(message)
        if (parts.live) live.set(id, parts.live)
        const release = tracing().holdRun(runId)
        try {
          const wire = await link.callPatiently('openStep', {
            id,
            runId,
            nodeId: own.nodeId,
            nodeType: own.nodeType,
            ...(own.name ? { nodeName: own.name } : {}),
            kind,
            ...(around === undefined ? {} : { parentId: around.id, part: around.part }),
            message: bounded(parts.text, MESSAGE_LIMIT),
            data: bounded(encodeStep(data).text, DATA_LIMIT),
            text,
            ...(key === undefined ? {} : { key }),
            ...(dueAt === undefined ? {} : { dueAt }),
            ...(isElapsed === undefined ? {} : { isElapsed }),
            ...(ask === undefined ? {} : { ask }),
            isOut: isOut ?? false,
            life,
          })
          const step = decodeStep(wire, live.get(id)) as Step<Data>
          noteWire(wire)
          if (wire.isOut) remember(wire)
          if (after) tracing().withRun(runId, () => after(step), own.nodeId)
          return step
        } catch (error) {
          live.delete(id)
          throw error
        } finally {
          release()
        }
      },
      turn: (stepId, decide) => inTurn(stepId, () => takeTurn({ stepId, owner: own, decide: decide as Decide, isWakeTaken: false })),
      openIds: () => [...(open.get(own.nodeId)?.keys() ?? [])],
      close() {
        if (owners.get(own.nodeId) !== own) return
        owners.delete(own.nodeId)
        if (isRunning) tellReadySoon()
      },
    }
  }

  // --- telling the gateway who is there
  let isReadyDue = false
  const tellReadySoon = () => {
    if (isReadyDue) return
    isReadyDue = true
    setTimeout(() => {
      isReadyDue = false
      tellReady().catch((error) => log.warn({ reason: messageOf(error) }, 'the gateway could not be told which steps may go on'))
    }, GATHER_MS)
  }
  async function tellReady(): Promise<void> {
    if (!isRunning || !link.isConnected) return
    // of which runs something is on its way here: what the gateway has not heard of by then, it takes for ended
    tracing().flush()
    const waiting = await link.callPatiently('stepsReady', { life, nodeIds: [...owners.keys()] })
    const there = new Set(waiting.map(({ id }) => id))
    for (const { id, nodeId, text, since, dueAt } of waiting) note(nodeId, id, { text, since, dueAt })
    // ended while this process did not hear of it
    if (waiting.length < 5000)
      for (const [nodeId, steps] of open) for (const id of [...steps.keys()]) if (!there.has(id) && !queues.has(id)) note(nodeId, id, undefined)
  }
  link.onConnection((isConnected) => {
    if (isConnected) tellReadySoon()
  })

  const services: StepServices = {
    register,
    async giveBack(message, failure) {
      const mark = innermost(message)
      if (!mark)
        throw new UserError({
          code: 'not-in-a-step',
          message:
            'This message is in no step: there is nothing to return to. It must come from the output of a "for each", "try", "parallel" or the like, and nodes on the way must pass msg on instead of making a new one.',
        })
      const owner = await ownerOf(mark.nodeId)
      const back: StepReturn = { part: mark.part, message, ...(failure === undefined ? {} : { failure }) }
      const release = message._run ? tracing().holdRun(message._run) : () => {}
      try {
        return await inTurn(mark.id, () => takeTurn({ stepId: mark.id, owner, decide: (step) => owner.onReturn?.(step, back), isWakeTaken: false }))
      } finally {
        release()
      }
    },
    async canUndo(message, nodeId) {
      const mark = marksOf(message).findLast((each) => owners.get(each.nodeId)?.onUndoable !== undefined)
      const owner = mark && owners.get(mark.nodeId)
      if (!mark || !owner)
        throw new UserError({
          code: 'not-in-a-try',
          message: 'This message is in no "try": there is nothing that would ever ask to undo it. Put this node behind the first output of a "try".',
        })
      return inTurn(mark.id, () => takeTurn({ stepId: mark.id, owner, decide: (step) => owner.onUndoable?.(step, { nodeId, message }), isWakeTaken: false }))
    },
    async motionBehind(nodeId) {
      return (await link.callPatiently('motionBehind', { nodeId })).isMotion
    },
    async rateSlot(request) {
      return (await link.callPatiently('rateSlot', { ...request, id: newId('trn') })).at
    },
    raiseEvent: ({ name, key, payload }) =>
      link.callPatiently('raiseEvent', { id: newId('evt'), name, payload: payload ?? null, ...(key === undefined ? {} : { key }) }),
    registerFlow({ nodeId, name, onCall }) {
      const taken = flows.get(name)
      if (taken && taken.nodeId !== nodeId)
        throw new UserError({ code: 'flow-name-taken', message: `Another "flow begin" has the name "${name}" already: give one of them another name.` })
      const entry = { nodeId, onCall }
      flows.set(name, entry)
      return () => {
        if (flows.get(name) === entry) flows.delete(name)
      }
    },
    hasFlow: (name) => flows.has(name),
    callFlow(name, message) {
      const flow = flows.get(name)
      if (!flow)
        throw new UserError({
          code: 'no-such-flow',
          message: `No running flow begins with the name "${name}": deploy one with a "flow begin" node of that name.`,
        })
      flow.onCall(message)
    },
    async stopWork({ what, nodeId, runId, reason }) {
      const own = runId === undefined ? {} : { runId }
      const { runIds } = await link.callPatiently('runsToStop', { what, nodeId, ...own })
      const others = runIds.filter((id) => id !== runId)
      // first of all nothing of them goes on; the history is told of their end before the gateway ends them too
      options.stopRuns(others, reason)
      for (const id of others) tracing().endRun(id, { state: 'failed', text: reason })
      tracing().flush()
      const { steps, jobs } = await link.callPatiently('stopRuns', { runIds, reason, ...own })
      return { steps, runs: runIds.length, jobs }
    },
  }

  return {
    services,
    requests: {
      async wakeStep({ step, cause }) {
        const owner = owners.get(step.nodeId)
        if (!owner) throw notRunning()
        await inTurn(step.id, () =>
          takeTurn({
            stepId: step.id,
            owner,
            given: step,
            isWakeTaken: cause.kind !== 'due' && cause.kind !== 'restart',
            decide(now) {
              // it may have been given more time since it was looked at
              if (cause.kind === 'restart' || (cause.kind === 'due' && (now.dueAt ?? Number.POSITIVE_INFINITY) > (step.dueAt ?? 0))) return undefined
              return owner.onWake(now, cause as StepWake)
            },
          }),
        )
        return null
      },
    },
    notifications: {
      stepEnded({ id, nodeId }) {
        note(nodeId, id, undefined)
      },
    },
    ready() {
      isRunning = true
      tellReadySoon()
    },
  }
}

const LOST: Turn<unknown> = { end: { outcome: 'failed', text: 'The flow runtime was restarted while something of this step was in the flow.' } }

function summary(steps: ReadonlyMap<string, Brief> | undefined): OpenSteps {
  if (!steps?.size) return { count: 0 }
  let oldest: Brief | undefined
  let dueAt = Number.POSITIVE_INFINITY
  for (const step of steps.values()) {
    if (!oldest || step.since < oldest.since) oldest = step
    if (step.dueAt !== undefined && step.dueAt < dueAt) dueAt = step.dueAt
  }
  return {
    count: steps.size,
    ...(oldest ? { text: oldest.text, since: oldest.since } : {}),
    ...(Number.isFinite(dueAt) ? { dueAt } : {}),
  }
}

const notRunning = () =>
  new UserError({
    code: 'node-not-running',
    status: 409,
    message: 'The node that this step belongs to is not in the running flows: it was removed, disabled, or is not set up.',
  })
