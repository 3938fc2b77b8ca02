/**
 * Steps of orchestration nodes in a rehearsal, in memory: opened, woken and ended as `server/orchestration` does it with rows.
 * What waits for a time is woken when the rehearsal's clock has come there; what waits for a person, when a step of the rehearsal
 * answers.
 */
import { messageOf, UserError } from '../../../base/errors.ts'
import type { RpcParams } from '../../../base/rpc.ts'
import type { FlowNode } from '../../api/index.ts'
import type { StepAsk } from '../../api/steps.ts'
import { checkAnswer } from '../../orchestration/check-answer.ts'
import { motionBehind } from '../../orchestration/motion-behind.ts'
import type { Wake, WireStep } from '../../orchestration/runtime-contract.ts'
import type { gatewayRpc } from '../../runtime/contract.ts'
import type { Say } from './work.ts'

type Asks<K extends keyof (typeof gatewayRpc)['requests'] & string> = RpcParams<typeof gatewayRpc, K>

interface Kept {
  wire: WireStep
  ask: StepAsk | undefined
  /** A turn that ended it may be told twice. */
  lastTurn: string | undefined
  isWaking: boolean
  /** Its node could not take its turn. */
  isStuck: boolean
}

interface Answered {
  choice?: string
  values: Readonly<Record<string, unknown>>
  comment?: string
  by: string
}

const TURN_MS = 60_000

export class Steps {
  readonly #say: Say
  readonly #flows: readonly FlowNode[]
  /** Epoch ms of the rehearsal. */
  readonly #now: () => number
  readonly #onError: (error: { nodeId: string; text: string }) => void
  readonly #steps = new Map<string, Kept>()
  readonly #ended = new Map<string, string>()
  /** Who has a named resource. */
  readonly #holders = new Map<string, { stepId: string; token: number }>()
  readonly #slots = new Map<string, number[]>()

  constructor(options: {
    say: Say
    flows: readonly FlowNode[]
    now: () => number
    onError: (error: { nodeId: string; text: string }) => void
  }) {
    this.#say = options.say
    this.#flows = options.flows
    this.#now = () => Math.round(options.now())
    this.#onError = options.onError
  }

  /** What still waits, in words. */
  get open(): { nodeId: string; text: string }[] {
    return [...this.#steps.values()].map(({ wire: { nodeId, text } }) => ({ nodeId, text }))
  }

  /** When the next step is due, epoch ms. */
  nextDue(): number | undefined {
    const times = [...this.#steps.values()].flatMap(({ wire, isWaking, isStuck }) => (wire.dueAt === undefined || isWaking || isStuck ? [] : [wire.dueAt]))
    return times.length ? Math.min(...times) : undefined
  }

  /** Wakes what is due by now. */
  wakeDue(): void {
    for (const kept of [...this.#steps.values()]) {
      if (kept.wire.dueAt === undefined || kept.wire.dueAt > this.#now() || kept.isWaking || kept.isStuck) continue
      // a lease that is over is the next one's
      if (kept.wire.kind === 'lock' && kept.wire.isOut && kept.wire.key !== undefined) this.#free(kept.wire.key)
      this.#wake(kept, { kind: 'due' })
    }
  }

  /** Somebody is asked something at this node. */
  isAsking(nodeId: string): boolean {
    return this.#asking(nodeId) !== undefined
  }

  /** As a panel's answer is checked. @throws UserError `nobody-asked`, `choice-unknown`, `not-allowed`, `comment-missing`, `value-missing` */
  answer(nodeId: string, { choice, values: entered, comment, by }: Answered): string {
    const kept = this.#asking(nodeId)
    if (!kept?.ask) throw new UserError({ code: 'nobody-asked', message: 'Nobody was asked anything here.' })
    const { choices, title } = kept.ask
    const chosen = choice === undefined ? choices[0] : choices.find(({ key, label }) => key === choice || label === choice)
    if (!chosen)
      throw new UserError({ code: 'choice-unknown', message: `"${title}" has no answer "${choice}"; it has ${choices.map(({ label }) => label).join(', ')}.` })
    const values = checkAnswer(kept.ask, { choice: chosen, values: entered, comment, by })
    this.#wake(kept, {
      kind: 'answer',
      id: crypto.randomUUID(),
      choice: chosen.key,
      values,
      by,
      at: this.#now(),
      ...(comment === undefined ? {} : { comment }),
    })
    return `answered "${chosen.label}" to "${title}"${by === 'Rehearsal' ? '' : ` as ${by}`}`
  }

  /** The answers to the runtime. */
  readonly requests = {
    openStep: (asked: Asks<'openStep'>): WireStep => {
      const known = this.#steps.get(asked.id)
      if (known) return known.wire
      const { id, runId, nodeId, kind, parentId, message, data, text, key, dueAt, isOut, life, ask } = asked
      const wire: WireStep = {
        id,
        runId,
        nodeId,
        kind,
        ...(parentId === undefined ? {} : { parentId }),
        message,
        data,
        text,
        ...(key === undefined ? {} : { key }),
        ...(dueAt === undefined ? {} : { dueAt }),
        isOut,
        life,
        revision: 1,
        createdAt: this.#now(),
      }
      this.#steps.set(id, { wire, ask, lastTurn: undefined, isWaking: false, isStuck: false })
      if (kind === 'lock' && key !== undefined) this.#grant(key)
      return wire
    },
    readStep: ({ id }: Asks<'readStep'>): WireStep | null => this.#steps.get(id)?.wire ?? null,
    saveStep: ({ id, revision, turn, life, isWakeTaken, change }: Asks<'saveStep'>): WireStep | null => {
      if (this.#ended.get(id) === turn) return null
      const kept = this.#steps.get(id)
      if (!kept) throw new UserError({ code: 'step-ended', status: 409, message: 'The step has ended already.' })
      if (kept.lastTurn === turn) return kept.wire
      if (kept.wire.revision !== revision) throw new UserError({ code: 'step-changed', status: 409, message: 'The step changed meanwhile. Look at it again.' })
      if (change.end) {
        this.#ended.set(id, turn)
        this.#end(id)
        return null
      }
      const { ask, dueAt, end: _, isElapsed: __, ...facts } = change
      const { wake, dueAt: dueBefore, ...before } = kept.wire
      const due = dueAt === undefined ? dueBefore : (dueAt ?? undefined)
      kept.wire = { ...before, ...facts, life, revision: revision + 1, ...(due === undefined ? {} : { dueAt: due }), ...(wake && !isWakeTaken ? { wake } : {}) }
      kept.lastTurn = turn
      kept.isWaking = false
      if (ask !== undefined) kept.ask = ask ?? undefined
      return kept.wire
    },
    stepSent: () => null,
    stepsReady: () => [],
    rateSlot: ({ name, count, periodMs, withinMs }: Asks<'rateSlot'>): { at?: number } => {
      const slots = this.#slots.get(name) ?? []
      const now = this.#now()
      const earliest = slots.length >= count ? (slots[slots.length - count] ?? 0) + periodMs : 0
      const at = Math.max(now, earliest, slots.at(-1) ?? 0)
      if (withinMs !== undefined && at - now > withinMs) return {}
      this.#slots.set(name, [...slots, at].slice(-count))
      return { at: Math.round(at) }
    },
    raiseEvent: ({ name, key, payload }: Asks<'raiseEvent'>): { woken: number } => {
      const keys = [`${name}\n`, ...(key === undefined ? [] : [`${name}\n${key}`])]
      const woken = [...this.#steps.values()].filter(({ wire, isWaking }) => wire.kind === 'event' && !isWaking && keys.includes(wire.key ?? ''))
      for (const kept of woken)
        this.#wake(kept, { kind: 'event', name, at: this.#now(), ...(key === undefined ? {} : { key }), ...(payload === undefined ? {} : { payload }) })
      return { woken: woken.length }
    },
    motionBehind: ({ nodeId }: Asks<'motionBehind'>): { isMotion: boolean } => ({ isMotion: motionBehind(this.#flows, nodeId) }),
    runsToStop: ({ what, runId }: Asks<'runsToStop'>): { runIds: string[] } => {
      if (what === 'run') return { runIds: runId === undefined ? [] : [runId] }
      return { runIds: [...new Set([...this.#steps.values()].map(({ wire }) => wire.runId))].filter((id) => id !== runId) }
    },
    stopRuns: ({ runIds, reason }: Asks<'stopRuns'>): { steps: number; jobs: number } => {
      const ended = [...this.#steps.values()].filter(({ wire }) => runIds.includes(wire.runId))
      for (const { wire } of ended) {
        this.#end(wire.id)
        this.#say((peer) => peer.notify('stepEnded', { id: wire.id, nodeId: wire.nodeId, runId: wire.runId, text: reason }))
      }
      return { steps: ended.length, jobs: 0 }
    },
  }

  #asking(nodeId: string): Kept | undefined {
    return [...this.#steps.values()].find(({ wire, ask, isWaking }) => wire.nodeId === nodeId && ask !== undefined && !isWaking)
  }

  #wake(kept: Kept, cause: Wake): void {
    kept.isWaking = true
    kept.wire = { ...kept.wire, revision: kept.wire.revision + 1, wake: cause }
    const step = kept.wire
    // after the answer to what brought it about
    setImmediate(() => {
      this.#say((peer) => {
        peer
          .call('wakeStep', { step, cause }, { timeoutMs: TURN_MS })
          // it would be woken again and again, and time would stand still
          .catch((error) => {
            kept.isStuck = true
            this.#onError({ nodeId: step.nodeId, text: messageOf(error) })
          })
          .finally(() => {
            kept.isWaking = false
          })
      })
    })
  }

  /** With everything inside it. */
  #end(id: string): void {
    const kept = this.#steps.get(id)
    if (!kept) return
    this.#steps.delete(id)
    for (const { wire } of [...this.#steps.values()])
      if (wire.parentId === id) {
        this.#end(wire.id)
        this.#say((peer) => peer.notify('stepEnded', { id: wire.id, nodeId: wire.nodeId, runId: wire.runId, text: 'The step around it has ended.' }))
      }
    const { key } = kept.wire
    if (key !== undefined && this.#holders.get(key)?.stepId === id) this.#free(key)
  }

  #free(key: string): void {
    const holder = this.#holders.get(key)
    if (!holder) return
    this.#holders.set(key, { stepId: '', token: holder.token })
    this.#grant(key, holder.stepId)
  }

  #grant(key: string, except?: string): void {
    const { stepId, token } = this.#holders.get(key) ?? { stepId: '', token: 0 }
    if (stepId) return
    const next = [...this.#steps.values()].find(({ wire }) => wire.kind === 'lock' && wire.key === key && !wire.isOut && wire.id !== except)
    if (!next) return
    this.#holders.set(key, { stepId: next.wire.id, token: token + 1 })
    this.#wake(next, { kind: 'granted', token: token + 1 })
  }
}
