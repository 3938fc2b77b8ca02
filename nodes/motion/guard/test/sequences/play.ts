/** Plays one sequence on a shop, then mends every fault, looks whether the guard knows where it is, and whether the machine can be used again. */
import { setTimeout as pause } from 'node:timers/promises'
import { newId } from '../../../../../base/ids.ts'
import { isReady, type Shop } from './shop.ts'
import type { Fault, LeaseUse, Sequence, Step } from './steps.ts'

/** Nobody is waited for longer than this before the next step comes; a program that is not hurried may begin. */
const LONGEST_WAIT_MS = 80
const BEGIN_MS = 1500
/** A second, with a busy machine under the test in mind. */
const KNOWN_WITHIN_MS = 2500
const USABLE_WITHIN_MS = 8000
const ANSWERED_WITHIN_MS = 2000

class Player {
  readonly shop: Shop
  /** Where things are: a homed machine is all negative. */
  readonly origin: { x: number; y: number; z: number }
  readonly #hasHoming: boolean
  #feed = 3000
  #lease: number | undefined
  #staleLease = 999_999
  #jog: number | undefined
  #jobId: string | undefined
  #pending = new Set<Promise<unknown>>()

  constructor(shop: Shop, hasHoming: boolean) {
    this.shop = shop
    this.#hasHoming = hasHoming
    this.origin = hasHoming ? { x: -390, y: -290, z: -20 } : { x: -190, y: -140, z: 0 }
  }

  async step(step: Step): Promise<void> {
    const { shop } = this
    const { guard } = shop
    const by = 'tester'
    const feed = this.#feed++
    const ask = async (act: () => unknown) => {
      const under = 'lease' in step ? this.#under(step.lease).lease : undefined
      const { done } = shop.ask(step.do, feed, act, under)
      const kept = done.finally(() => this.#pending.delete(kept))
      this.#pending.add(kept)
      await Promise.race([kept, pause(LONGEST_WAIT_MS)])
    }
    switch (step.do) {
      case 'ready':
        return this.#ready()
      case 'wait':
        return pause(step.ms)
      case 'fault':
        return this.#fault(step.fault, step.ms)
      case 'start':
        return this.#start(step, feed)
      case 'jog':
        return ask(() => guard.act({ kind: 'jog', by: step.by, feedMmPerMin: feed }, { by, ...this.#under(step.lease) }))
      case 'go-to':
        return ask(() => guard.act({ kind: 'go-to', to: this.#shift(step.to), frame: step.frame, feedMmPerMin: feed }, { by, ...this.#under(step.lease) }))
      case 'jog-start':
        return ask(async () => {
          this.#jog = (await guard.jogStart({ direction: { X: step.x, Y: step.y }, feedMmPerMin: feed, ttlMs: step.ttlMs, by })).token
        })
      case 'jog-beat':
        return ask(() => guard.jogBeat(this.#jog ?? 12_345))
      case 'jog-end':
        return ask(() => guard.jogEnd(this.#jog ?? 12_345))
      case 'hold':
        return ask(() => guard.hold(by))
      case 'stop':
        return ask(() => guard.stop(by, false))
      case 'hard-stop':
        return ask(() => guard.stop(by, true))
      case 'resume':
        return ask(() => guard.resume(by))
      case 'home':
        return ask(() => guard.home(by))
      case 'unlock':
        return ask(() => guard.unlock(by))
      case 'safety-door':
        return ask(() => guard.act({ kind: 'safety-door' }, { by }))
      case 'connect':
        return ask(() => guard.connect(by))
      case 'line':
        return ask(() => guard.act({ kind: 'line', line: step.line.replace('%', String(feed)) || ' ' }, { by, ...this.#under(step.lease) }))
      case 'set-offset':
        return ask(() =>
          guard.act(
            { kind: 'set-offset', workOffset: 'G54', offsetMm: { X: step.x + Math.min(this.origin.x, 0), Y: step.y + Math.min(this.origin.y, 0) } },
            { by },
          ),
        )
      case 'set-here':
        return ask(() => guard.act({ kind: 'set-here', workOffset: 'G54', here: { X: 0, Y: 0 } }, { by }))
      case 'override':
        return ask(() => guard.act({ kind: 'override', feed: step.feed, rapid: step.rapid }, { by }))
      case 'spindle':
        return ask(() => guard.act(step.isOn ? { kind: 'spindle', turn: 'cw', rpm: 1000 } : { kind: 'spindle', turn: 'off' }, { by }))
      case 'probe':
        return ask(() =>
          guard.act(
            {
              kind: 'probe',
              probe: {
                cycle: 'surface',
                axis: 'Z',
                side: '-',
                tipDiameterMm: 0,
                feedMmPerMin: feed - 2900 + 200,
                fineFeedMmPerMin: 0,
                maxTravelMm: 60,
                retractMm: 1,
              },
            },
            { by },
          ),
        )
      case 'take-lease':
        return ask(() => {
          this.#lease = guard.takeLease({ holder: step.holder, ttlMs: step.ttlMs, by }).token
        })
      case 'beat-lease':
        return ask(() => guard.beatLease(this.#lease ?? this.#staleLease))
      case 'drop-lease':
        return ask(() => {
          if (this.#lease === undefined) return
          guard.dropLease(this.#lease)
          this.#staleLease = this.#lease
          this.#lease = undefined
        })
      case 'interlock':
        return ask(() => guard.setInterlock('cover', step.isSafe))
      case 'answer':
        return ask(() => guard.answerJob({ jobId: this.#jobId ?? 'job_none', answer: step.answer, by }))
      case 'requester-gone':
        return ask(() => guard.requesterGone(this.#jobId ?? 'job_none'))
      default:
        return step satisfies never
    }
  }

  #under(use: LeaseUse): { lease?: number } {
    if (use === 'current' && this.#lease !== undefined) return { lease: this.#lease }
    return use === 'stale' ? { lease: this.#staleLease } : {}
  }

  #shift(to: { X?: number; Y?: number; Z?: number }) {
    const { x, y } = this.origin
    return {
      ...(to.X === undefined ? {} : { X: to.X + Math.min(x, 0) }),
      ...(to.Y === undefined ? {} : { Y: to.Y + Math.min(y, 0) }),
      ...(to.Z === undefined ? {} : { Z: to.Z + Math.min(this.origin.z, 0) }),
    }
  }

  async #start(step: Extract<Step, { do: 'start' }>, feed: number): Promise<void> {
    const { shop } = this
    const jobId = newId('job')
    this.#jobId = jobId
    const program = await shop.program(programText(step, feed, this.origin))
    const under = this.#under(step.lease)
    const request = { jobId, programName: `${feed}.nc`, ...program, by: 'tester', whenRequesterGone: feed % 2 ? 'finish' : 'hold', ...under } as const
    const { asked, done } = shop.ask('start', feed, () => shop.guard.startJob(request), under.lease)
    asked.jobId = jobId
    const kept = done.finally(() => this.#pending.delete(kept))
    this.#pending.add(kept)
    await Promise.race([kept, pause(step.isHurried ? LONGEST_WAIT_MS : BEGIN_MS)])
  }

  /** As far as one try goes. */
  async #ready(): Promise<void> {
    const { shop } = this
    const by = 'mender'
    const attempt = async (what: string, act: () => unknown) => {
      const { done } = shop.ask(what, 0, act)
      await Promise.race([done, pause(1500)])
    }
    const now = () => shop.guard.state()
    await attempt('interlock', () => shop.guard.setInterlock('cover', true))
    if (now().link === 'waiting-for-person') await attempt('connect', () => shop.guard.connect(by))
    const { controller, job } = now()
    if (job) return
    if (this.#lease !== undefined) await attempt('beat-lease', () => shop.guard.beatLease(this.#lease ?? 0))
    if (controller === 'hold' || controller === 'door') await attempt('resume', () => shop.guard.resume(by))
    if (controller === 'unknown') await attempt('stop', () => shop.guard.stop(by, false))
    if (this.#hasHoming && !now().isPositionTrusted) await attempt('home', () => shop.guard.home(by))
    else if (controller === 'alarm') await attempt('unlock', () => shop.guard.unlock(by))
  }

  async #fault(fault: Fault, ms: number): Promise<void> {
    const { shop } = this
    const { machine } = shop
    switch (fault) {
      case 'restart':
        shop.break('restart')
        machine.powerCycle()
        return
      case 'brown-out':
        shop.break('restart')
        machine.brownOut()
        return
      case 'limit':
        machine.trip(1)
        return
      case 'alarm':
        machine.trip(3)
        return
      case 'lose-answer':
        machine.loseAnswers(1)
        return
      case 'double-answer':
        machine.doubleAnswers(1)
        return
      case 'late-answers':
        machine.delayAnswers(ms / 10)
        return
      case 'flood':
        // no more than a terminal holds: what it loses could be a greeting (faults.test.ts has that)
        machine.flood(Math.min(ms, 50))
        return
      case 'noise':
        machine.sayRaw(['\xff\xfe<Id', '<Run|MPos:1.0', 'o', 'k\r\n', '[MSG:\r\n', 'error:\r\n', '\0\0\0'][ms % 7] as string)
        return
      case 'spoilt': {
        const { state, position } = machine.now()
        const places = position.map((mm, axis) => (axis === ms % 3 ? mm + ms - 250 : mm).toFixed(3))
        machine.sayRaw(`<${state}|MPos:${places}|FS:0,0>\r\n`)
        return
      }
      case 'silence':
        machine.stopAnswering()
        await pause(ms)
        machine.answerAgain()
        return
      case 'unplug':
        shop.break('unplug')
        await machine.unplug()
        await shop.guard.virtualPortChanged(undefined)
        await pause(ms / 5)
        await machine.plug()
        await shop.guard.virtualPortChanged(machine.port)
        return
      case 'door':
        machine.setDoor(true)
        await pause(ms / 5)
        machine.setDoor(false)
        return
      case 'guard-restart':
        await shop.restartGuard()
        this.#lease = undefined
        this.#jog = undefined
        return
      default:
        return fault satisfies never
    }
  }

  get #isMute(): boolean {
    return this.shop.machine.now().isMute
  }

  /** Every fault is over; what the guard says must be what the machine does, soon. */
  async know(): Promise<void> {
    const { shop } = this
    const { machine } = shop
    machine.answerAgain()
    machine.loseAnswers(0)
    machine.doubleAnswers(0)
    machine.delayAnswers(0)
    machine.setDoor(false)
    await machine.plug()
    await shop.guard.virtualPortChanged(machine.port)
    shop.guard.connect('tester')
    const seen = () => {
      const state = shop.guard.state()
      return `the guard says ${state.link} ${state.controller}${state.subState === undefined ? '' : `:${state.subState}`} at ${state.machinePositionMm}, the machine is ${machine.now().state} at ${machine.now().position}`
    }
    const agrees = () => {
      const { link, controller, machinePositionMm } = shop.guard.state()
      const now = machine.now()
      if (link !== 'connected') return false
      // a Grbl that was locked while nobody listened says nothing until it is reset; then unknown is what there is to know
      if (controller === 'unknown' && now.state === 'Alarm' && this.#isMute) return true
      if (controller !== now.state.replace(/:.*/, '').toLowerCase()) return false
      return now.isMoving || now.isMute || machinePositionMm.every((mm, axis) => Math.abs(mm - (now.position[axis] ?? 0)) < 0.01)
    }
    await shop.until(agrees, KNOWN_WITHIN_MS, seen)
  }

  /** A person puts everything right: the machine must be idle and take a line. */
  async use(): Promise<void> {
    const { shop } = this
    if (this.#lease !== undefined) shop.guard.dropLease(this.#lease)
    shop.guard.setInterlock('cover', true)
    const by = 'mender'
    const tried: string[] = []
    const attempt = async (what: string, act: () => unknown) => {
      try {
        await Promise.race([Promise.resolve(act()), pause(1500).then(() => Promise.reject(new Error('no answer')))])
      } catch (error) {
        tried.push(`${what}: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
    // what runs may come to its end by itself
    const runsAlone = () => shop.guard.state().job !== undefined && shop.guard.state().controller === 'run'
    for (const until = shop.ownMs + 600; runsAlone() && shop.ownMs < until; ) await pause(10)
    const giveUpAt = shop.ownMs + USABLE_WITHIN_MS
    while (shop.ownMs < giveUpAt) {
      const state = shop.guard.state()
      if (isReady(state) && state.controller === 'idle' && !state.job && !state.lease) {
        let answer = ''
        await attempt('$G', async () => {
          answer = (await shop.guard.command('$G', by)).answer
        })
        if (answer.endsWith('ok')) {
          const unanswered = () => shop.asked.filter(({ settledMs }) => settledMs === undefined).map(({ what }) => what)
          await shop.until(
            () => this.#pending.size === 0,
            ANSWERED_WITHIN_MS,
            () => `every request is answered, and not ${unanswered()}`,
          )
          return
        }
      } else if (state.link === 'waiting-for-person') await attempt('connect', () => shop.guard.connect(by))
      else if (state.controller === 'alarm') await attempt('unlock', () => shop.guard.unlock(by))
      else if (state.link === 'connected') {
        await attempt('stop', () => shop.guard.stop(by, false))
        await pause(100)
      }
      await pause(20)
    }
    const { link, controller, job, lease, notices } = shop.guard.state()
    throw new Error(
      `the machine cannot be used again: ${JSON.stringify({ link, controller, job: job?.phase, lease, notices, machine: shop.machine.now().state })}; tried ${tried.slice(-6).join(' | ')}`,
    )
  }
}

/** Lines whose feed tells whose they are, no two alike. */
function programText({ lines, shape }: Extract<Step, { do: 'start' }>, feed: number, origin: { x: number; y: number; z: number }): string {
  const { x, y } = origin
  const at = (i: number) => `X${(x + i * 0.5).toFixed(3)} Y${(y + (i % 7) * 3 + i * 0.001).toFixed(3)}`
  const moves = Array.from({ length: lines }, (_, i) => {
    if (shape === 'arcs' && i > 0) return `${i % 2 ? 'G2' : 'G3'} ${at(i)} R${(20 + i * 0.01).toFixed(3)} F${feed}`
    // from beyond the travel of any machine on: the check must refuse it
    if (shape === 'far' && i === lines - 1) return `G1 X${x + 600} Y${y} F${feed}`
    if (shape === 'stops' && i % 20 === 10) return i % 40 === 10 ? 'M0' : 'G4 P0.3'
    if (shape === 'relative' && i > 0) return `G1 X0.${String(i + 100).padStart(3, '0')} F${feed}`
    return `G1 ${at(i)} F${feed}`
  })
  return ['G21 G90 G17', ...moves.slice(0, 1), ...(shape === 'relative' ? ['G91'] : []), ...moves.slice(1), ...(shape === 'relative' ? ['G90'] : []), ''].join(
    '\n',
  )
}

export async function play(shop: Shop, sequence: Sequence): Promise<void> {
  const player = new Player(shop, sequence.hasHoming)
  await player.step({ do: 'ready' })
  for (const step of sequence.steps) await player.step(step)
  await player.know()
  await player.use()
}
