/**
 * Continuous jog: moves for as long as the heartbeat comes. It is sent in short pieces, only so far ahead of the machine as
 * it needs to keep its speed, so that little is left when anything breaks: a lost heartbeat, this process, the link. A jog
 * that was ended never begins again by itself.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { messageOf, UserError } from '../../../base/errors.ts'
import type { AxisValues } from '../action.ts'
import { axisIndex, checkFeed, decimal, entriesOf, mustBeIdle, refused } from './actions/send.ts'
import type { Identity } from './controller-setup.ts'
import type { GuardCore } from './core.ts'
import { hold, stop } from './hold-and-stop.ts'
import type { Asker, Jog } from './holders.ts'
import { mayUse, type WorkAtHand, work } from './lease.ts'
import { ownLimit, ownPause } from './own-timeout.ts'
import { leaseStale, notIdle } from './refusals.ts'
import { limitsOf, longestSafe, obstacleOn, refuseObstacle } from './safe-path.ts'

export interface JogRequest extends Asker {
  /** -1, 0 or 1 (or a fraction) of each axis. */
  direction: AxisValues
  feedMmPerMin: number
  /** Without a sign of life for so long it ends. */
  ttlMs: number
}

/** Kept to the end of the travel and to keep-out boxes: rounding, and nothing for a limit switch to feel. */
const MARGIN_MM = 0.05
/** Longer than any machine: the travel ends it. */
const FURTHEST_MM = 100_000
/** How old a report may be, beyond the time from one to the next. */
const REPORT_LAG_S = 0.1
/** An answer to a jog line takes a round trip; one that takes longer is not waited for before the cancel. */
const ANSWER_MS = 150

/**
 * Begins to move. Resolves when the first piece was taken.
 * @throws UserError `machine-busy`, `machine-not-idle`, `lease-stale`, `interlock-open`, `outside-envelope`, `too-many-commands`
 */
export async function startJog(core: GuardCore, request: JogRequest): Promise<{ token: number }> {
  core.rate.take()
  mayUse(core, request.lease)
  core.interlocks.mustBeSafe()
  if (core.view.status.state === 'alarm') throw notIdle(core.view)
  const begun = Promise.withResolvers<{ token: number }>()
  work(core, { what: 'jogging', by: request.by, lease: request.lease }, (at) => runJog(core, at, request, begun.resolve)).then(
    () => begun.reject(leaseStale()),
    (error) => {
      begun.reject(error)
      // where it had begun, nobody waits for it any more
      core.traffic.add('note', `jog ended: ${messageOf(error)}`, request.by)
    },
  )
  return begun.promise
}

/** @throws UserError `lease-stale`: the jog has ended */
export function beatJog(core: GuardCore, token: number): void {
  const { jog } = core
  if (jog?.token !== token || jog.isEnding) throw leaseStale()
  if (!jog.beat()) throw leaseStale()
}

/** A token of an older jog does nothing. */
export function endJog(core: GuardCore, token: number): void {
  if (core.jog?.token === token) core.jog.end()
}

async function runJog(core: GuardCore, at: WorkAtHand, request: JogRequest, onBegun: (begun: { token: number }) => void): Promise<void> {
  const identity = await mustBeIdle(core, ['idle', 'tool'])
  core.interlocks.mustBeSafe()
  const plan = planJog(core, identity, request)
  const text = `${JSON.stringify(request.direction)} at ${request.feedMmPerMin} mm/min, up to ${decimal(plan.length)} mm`
  core.asked({ what: 'jog', by: request.by, text, lease: at.token })
  const run = new JogRun(core, at, request, plan)
  core.jog = run
  try {
    await run.feed(onBegun)
  } finally {
    try {
      await run.comeToStand()
    } finally {
      run.close()
      if (core.jog === run) core.jog = undefined
    }
  }
}

interface JogPlan {
  from: number[]
  /** Of length 1. */
  direction: number[]
  /** Axes that move, with their letters. */
  moved: { letter: string; axis: number }[]
  length: number
  /** Along the path, mm/s. */
  speed: number
  /** How far it is sent ahead of the machine. */
  ahead: number
  piece: number
  /** From full speed to a stand, ms, with a margin. */
  brakingMs: number
}

function planJog(core: GuardCore, { facts, settings }: Identity, { direction: raw, feedMmPerMin }: JogRequest): JogPlan {
  checkFeed(core, feedMmPerMin)
  const from = [...core.view.status.machinePositionMm]
  const direction = from.map(() => 0)
  const moved = entriesOf(raw, facts.axes).flatMap(([letter, value]) => (value === 0 ? [] : [{ letter, axis: axisIndex(letter, facts.axes), value }]))
  const norm = Math.hypot(...moved.map(({ value }) => value))
  if (norm === 0) throw new UserError({ code: 'line-refused', message: 'The jog names no direction. Nothing was sent.' })
  for (const { axis, value } of moved) direction[axis] = value / norm
  const limits = limitsOf(core.settings)
  const length = longestSafe({ from, direction, furthest: FURTHEST_MM, marginMm: MARGIN_MM }, limits)
  if (length < MARGIN_MM) {
    const beyond = from.map((value, axis) => value + (direction[axis] ?? 0) * 2 * MARGIN_MM)
    refuseObstacle(obstacleOn(from, beyond, limits) ?? { kind: 'outside-envelope', text: 'It stands at the end of its way there.' }, 'The jog was refused')
    throw new UserError({ code: 'outside-envelope', message: 'The jog was refused: it stands at the end of its way there. Nothing was sent.' })
  }
  // the slowest axis sets the speed of the path, and how hard it may brake
  const slowest = (values: readonly number[], otherwise: number) =>
    Math.min(...moved.map(({ axis }) => (values[axis] ?? otherwise) / Math.abs(direction[axis] ?? 1)))
  const speed = Math.min(feedMmPerMin, slowest(settings.maxRateMmPerMin, feedMmPerMin)) / 60
  const acceleration = slowest(settings.accelerationMmPerS2, 50)
  // grbl 1.1 jogging.md: what is queued must hold the way it needs to brake, or the speed is never reached
  const ahead = (speed * speed) / (2 * acceleration) + speed * ((core.timings.pollWaitingMs * 1.5) / 1000 + REPORT_LAG_S)
  const piece = Math.max(ahead / 4, 0.02)
  const brakingMs = ((speed / acceleration) * 1000 + core.timings.brakingMarginMs) * core.slowness()
  return { from, direction, moved, length, speed, ahead, piece, brakingMs }
}

class JogRun implements Jog {
  readonly token: number
  readonly #core: GuardCore
  readonly #at: WorkAtHand
  readonly #request: JogRequest
  readonly #plan: JogPlan
  #isEnding = false
  #deadline: NodeJS.Timeout | undefined
  #endsAt = Number.POSITIVE_INFINITY
  /** Along the way, mm. */
  #sent = 0
  #isAnswerOwed = false
  #hasCancelled = false

  constructor(core: GuardCore, at: WorkAtHand, request: JogRequest, plan: JogPlan) {
    this.token = at.token
    this.#core = core
    this.#at = at
    this.#request = request
    this.#plan = plan
  }

  get isEnding(): boolean {
    return this.#isEnding || !this.#at.isCurrent()
  }

  beat(): boolean {
    clearTimeout(this.#deadline)
    // after a sleep of this process old beats are read before the timer runs
    if (performance.now() > this.#endsAt) {
      this.#expire()
      return false
    }
    this.#endsAt = performance.now() + this.#request.ttlMs
    this.#deadline = setTimeout(() => this.#expire(), this.#request.ttlMs)
    return true
  }

  end(): void {
    this.#isEnding = true
    this.#cancel()
  }

  close(): void {
    this.#isEnding = true
    clearTimeout(this.#deadline)
  }

  /** Sends pieces until it is ended; resolves then. */
  async feed(onBegun: (begun: { token: number }) => void): Promise<void> {
    const { length, ahead, piece } = this.#plan
    const core = this.#core
    while (!this.isEnding) {
      if (this.#sent < length && this.#sent - this.#travelled() < ahead && !core.doubt) {
        const isFirst = this.#sent === 0
        await this.#sendPiece(Math.min(length, this.#sent + piece))
        if (isFirst && !this.isEnding) {
          this.beat()
          onBegun({ token: this.token })
        }
        continue
      }
      await pause(core.timings.pollWaitingMs)
      await core.freshReport()
      if (core.view.status.state === 'alarm') throw notIdle(core.view)
    }
  }

  /** Sees it standing: by the cancel, by a hold where that does not work, by a stop where even that does not. */
  async comeToStand(): Promise<void> {
    this.#isEnding = true
    clearTimeout(this.#deadline)
    const core = this.#core
    const { connection } = this.#at
    this.#cancel()
    const waitUntil = async (isDone: () => boolean, ms: number): Promise<boolean> => {
      const limit = ownLimit(ms)
      while (this.#at.hasMachine() && !limit.isOver) {
        await core.freshReport()
        if (isDone()) {
          limit.end()
          return true
        }
        await pause(core.timings.pollWaitingMs)
      }
      limit.end()
      return !this.#at.hasMachine()
    }
    const isStanding = () => core.view.isReportedStanding && !this.#isAnswerOwed
    if (await waitUntil(isStanding, this.#plan.brakingMs + ANSWER_MS)) return
    if (core.view.isReportedStanding) return this.#giveUpAnswer()
    hold(core, 'the guard, since a jog did not end')
    if (await waitUntil(() => core.view.isReportedStanding, this.#plan.brakingMs)) return
    if (this.#at.hasMachine() && connection.isOpen) stop(core, 'the guard, since a jog did not end', false)
  }

  #travelled(): number {
    const { from, direction } = this.#plan
    const now = this.#core.view.status.machinePositionMm
    return direction.reduce((sum, part, axis) => sum + part * ((now[axis] ?? 0) - (from[axis] ?? 0)), 0)
  }

  async #sendPiece(to: number): Promise<void> {
    const { from, direction, moved } = this.#plan
    const words = moved.map(({ letter, axis }) => letter + decimal((from[axis] ?? 0) + (direction[axis] ?? 0) * to)).join('')
    const text = `$J=G53G90G21${words}F${decimal(this.#request.feedMmPerMin)}`
    this.#sent = to
    this.#isAnswerOwed = true
    const answer = this.#at.connection.request(text).then(
      (found) => {
        this.#isAnswerOwed = false
        // it was taken after the cancel, which then could not reach it
        if (this.#isEnding) {
          this.#hasCancelled = false
          this.#cancel()
        }
        return found
      },
      (error) => {
        this.#isAnswerOwed = false
        throw error
      },
    )
    // one that is never answered must not keep the jog from being ended
    const found = await Promise.race([answer, this.#ended().then(() => undefined)])
    if (!found) {
      answer.catch(() => {})
      return
    }
    if (!found.isOk) throw refused(text, this.#core.answerText(found))
  }

  /** Resolves a little after the jog was ended. */
  async #ended(): Promise<void> {
    while (!this.isEnding && this.#isAnswerOwed) await pause(10)
    if (this.#isAnswerOwed) await ownPause(ANSWER_MS)
  }

  /**
   * The byte that ends a jog. grblHAL throws away unread lines at it, and Grbl runs them behind it: so it waits for the answer
   * to the piece on its way, which is a round trip. After a hold there is nothing to cancel: `!` does that by itself.
   */
  #cancel(): void {
    if (this.#hasCancelled || !this.#at.isCurrent() || this.#sent === 0) return
    if (this.#isAnswerOwed) {
      this.#ended().then(
        () => this.#cancelNow(),
        () => {},
      )
      return
    }
    this.#cancelNow()
  }

  #cancelNow(): void {
    const { state } = this.#core.view.status
    // `idle` (in a tool change of grblHAL: `tool`) may be a report from before the first piece
    if (this.#hasCancelled || !this.#at.isCurrent() || !['jog', 'idle', 'tool'].includes(state)) return
    this.#hasCancelled = true
    this.#at.connection.realtime('jogCancel')
    this.#core.poller?.now()
  }

  /** The cancel threw the last line away unread (grblHAL): its answer will never come. */
  async #giveUpAnswer(): Promise<void> {
    const { connection } = this.#at
    connection.forget()
    await connection.request('$G', { marker: 'parser-state' })
  }

  #expire(): void {
    this.end()
    this.#core.event('message', `The jog was ended: no sign of life from ${this.#request.by} for ${this.#request.ttlMs} ms.`)
  }
}
