/**
 * Conducts a rehearsal: starts machines and shadow runtime, does one step after the other, each when what the one before it
 * started has come to rest, and writes the report. Rehearsed time runs as fast as the machines while one moves, and jumps ahead
 * to the next timer of a flow while nothing happens.
 */
import { randomBytes } from 'node:crypto'
import { copyFile, mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf, OperationalError, UserError } from '../../../base/errors.ts'
import { newId } from '../../../base/ids.ts'
import type { Logger } from '../../../base/log.ts'
import { readFields } from '../../../nodes/operator/read-fields.ts'
import type { RehearsalReport, RehearsalStep } from '../../api/index.ts'
import { createRuntimeLink } from '../../flows/link.ts'
import type { RehearsalPlan } from '../plan.ts'
import { coverageOf } from './coverage.ts'
import { judge } from './expectations.ts'
import { MACHINE_RATE, type RehearsalMachine, startMachine } from './machines.ts'
import { Notes } from './notes.ts'
import { ANSWER_MS, isNeverRests, Patience } from './patience.ts'
import { looksAt, prepare } from './prepare.ts'
import { ShadowClock } from './shadow-clock.ts'
import { type ShadowProcess, shadowGone, startShadow } from './shadow-process.ts'
import { standInGateway } from './stand-in-gateway.ts'
import { Steps } from './steps.ts'
import { Tags } from './tags.ts'
import { type Say, Work } from './work.ts'

const START_MS = 60_000
/** Between the end of the connection and that of the process. */
const GONE_MS = 2000
/** How long nothing may be heard before the flows count as at rest: work without a timer (a promise, a big JSON) needs its moment. */
const REST_MS = 150
const LOOK_MS = 20
/** A timer further ahead than this behind the last step is told, not waited for. */
const HORIZON_MS = 7 * 86_400_000
/** Timers that one step is followed through: one that sets the next for ever is left at some time. */
const MAX_JUMPS = 2000
/** Who presses and answers where nobody is named. */
const NOBODY = 'Rehearsal'
/** What a press waits for, it waits for as long as a person would in the shop. */
const PATIENCE_MS = 31 * 86_400_000
/** The longest that one rehearsal may take on the wall clock. */
const LIMIT_MS = 10 * 60_000

export interface RehearseOptions {
  plan: RehearsalPlan
  signal: AbortSignal
  log: Logger
  /** What it does now, in words. */
  onDoing(doing: string): void
  /** The process of the shadow runtime, for whoever outlives this one; 0: it has ended. */
  onShadow?(pid: number): void
  /** @defaultValue what the system allows */
  network?: 'namespace' | 'modules'
}

/** @throws UserError `rehearsal-invalid`, `rehearsal-failed`, OperationalError `shadow-gone` */
export async function rehearse({ plan, signal, log, onDoing, onShadow = () => {}, network }: RehearseOptions): Promise<RehearsalReport> {
  const beganAt = performance.now()
  const { flows, nodes, outside, replaced } = prepare(plan)
  const notes = new Notes()
  const machines = new Map<string, RehearsalMachine>()
  const closers: (() => Promise<void>)[] = []
  let shadow: ShadowProcess | undefined
  try {
    // --- machines
    onDoing('Starting virtual machines')
    const runtime = createRuntimeLinkLater()
    let heardAt = performance.now()
    /** To tell the runtime something: its flows may do something with it. */
    const tell = () => {
      heardAt = performance.now()
      return runtime.link.peer()
    }
    /** Unless it is on its way, or gone: machines outlive it by moments. */
    const ifThere: Say = (what) => {
      if (runtime.isOpen && runtime.link.isConnected) what(runtime.link.peer())
    }
    const say: Say = (what) => {
      heardAt = performance.now()
      ifThere(what)
    }
    const work = new Work({ machines, programs: plan.programs, say, now: () => clock.now(), passed: (ms) => clock.jumpTo(ms) })
    const patience = new Patience(signal)
    const clock: ShadowClock = new ShadowClock(() => runtime.link.peer(), patience)
    const steps = new Steps({ say, flows, now: () => clock.epoch(), onError: (error) => notes.error({ atMs: clock.now(), ...error }) })
    const used = usedMachines(plan, flows)
    await Promise.all(
      used.map(async (planned) => {
        const machine = await startMachine(planned, plan.dir, {
          onState: (machineId, state) => ifThere((peer) => void peer.call('machineState', { machineId, state }).catch(() => {})),
          onJobEnded: (_machineId, end) => work.jobEnded(end),
          onEvent: (machineId, event) => say((peer) => peer.notify('machineEvent', { machineId, ...event })),
        })
        machines.set(machine.id, machine)
        closers.push(() => machine.close())
      }),
    )

    // --- the runtime and its gateway
    onDoing('Starting the shadow runtime')
    const tags = new Tags(tell)
    const { part, seen } = standInGateway({ plan, flows, outside, replaced, machines, work, steps, tags, notes, peer: tell, now: () => clock.now() })
    let unanswered = 0
    const token = randomBytes(16).toString('hex')
    const gatewaySocket = join(plan.dir, 'g.sock')
    runtime.link = createRuntimeLink({
      path: gatewaySocket,
      token,
      allowedModules: () => plan.allowedModules,
      log,
      find(group, name) {
        const answer = (part[group] as Record<string, ((params: never) => unknown) | undefined>)[name]
        // history and state come by the clock, whether or not something happens
        if (name === 'trace' || name === 'nodeStatus') return answer
        return (params: never) => {
          heardAt = performance.now()
          if (!answer) {
            if (group === 'notifications') return undefined
            throw new UserError({ code: 'not-rehearsed', status: 501, message: `This is not part of a rehearsal yet ("${name}").` })
          }
          if (group === 'notifications') return answer(params)
          unanswered += 1
          return (async () => answer(params))().finally(() => {
            unanswered -= 1
            heardAt = performance.now()
          })
        }
      },
    })
    await runtime.link.listen()
    closers.push(() => runtime.link.close())
    const userDir = join(plan.dir, 'user')
    await mkdir(userDir, { recursive: true })
    if (plan.paletteDir !== undefined) await linkPalette(plan.paletteDir, userDir)
    const init = { userDir, gatewaySocket, gatewayToken: token, httpSocket: join(plan.dir, 'h.sock'), isSafeMode: false, isShadow: true }
    const started = startShadow({ dir: plan.dir, paletteDir: plan.paletteDir, init, ...(network ? { network } : {}) })
    shadow = started
    closers.push(() => started.close())
    if (started.pid !== undefined) onShadow(started.pid)
    let gone: string | undefined
    void started.ended.then((how) => {
      gone = how
      onShadow(0)
    })
    const mustLive = () => {
      if (gone !== undefined) throw shadowGone(gone, started.log())
    }
    const startBy = performance.now() + START_MS
    while (!runtime.link.isConnected || seen.flows === 'stopped') {
      mustLive()
      signal.throwIfAborted()
      if (performance.now() > startBy) throw new UserError({ code: 'rehearsal-failed', message: 'The shadow runtime did not start the flows within a minute.' })
      await pause(LOOK_MS)
    }
    if (seen.flows !== 'running') throw new UserError({ code: 'rehearsal-failed', status: 422, message: seen.flowsText ?? 'The flows could not be started.' })
    runtime.isOpen = true

    // --- the steps
    const limitAt = beganAt + LIMIT_MS
    let stopText: string | undefined
    const mustGoOn = (): boolean => {
      mustLive()
      if (signal.aborted) stopText ??= messageOf(signal.reason)
      if (performance.now() > limitAt) stopText ??= `It was ended after ${LIMIT_MS / 60_000} minutes.`
      return stopText === undefined
    }
    /** Waits until nothing happens any more, timers aside. @returns when the next timer is due */
    const rest = async (): Promise<number | undefined> => {
      try {
        return await resting()
      } catch (error) {
        // stopped while a node works on without a pause: there is a report all the same
        if (isNeverRests(error) && !mustGoOn()) {
          notes.error({ atMs: clock.now(), nodeId: '', text: error.message })
          return undefined
        }
        throw error
      }
    }
    const resting = async (): Promise<number | undefined> => {
      while (mustGoOn()) {
        const isBusy = [...machines.values()].some((machine) => !machine.isQuiet) || !work.isQuiet
        const isAsking = [...machines.values()].some(({ guard }) => guard.state().job?.phase === 'waiting')
        await clock.setRate([...machines.values()].some((machine) => machine.isMoving) ? MACHINE_RATE : 1)
        if ((!isBusy || isAsking) && unanswered === 0 && performance.now() - heardAt > REST_MS) {
          // answered when the runtime's loop is free; something may have come meanwhile
          const timer = await clock.nextDue()
          const step = steps.nextDue()
          const stepMs = step === undefined ? undefined : clock.now() + (step - clock.epoch())
          const due = timer === undefined ? stepMs : stepMs === undefined ? timer : Math.min(timer, stepMs)
          if (performance.now() - heardAt > REST_MS) return due
        }
        await pause(LOOK_MS)
      }
      return undefined
    }
    /** Lets time pass until `isDone`, or nothing waits before `untilMs` any more. */
    const pass = async (untilMs: number, isDone: () => boolean): Promise<void> => {
      for (let jumps = 0; jumps < MAX_JUMPS; jumps += 1) {
        const due = await rest()
        if (stopText !== undefined || isDone()) return
        if (due === undefined || due > untilMs) return
        heardAt = performance.now()
        await clock.jumpTo(due)
        steps.wakeDue()
      }
    }
    const button = (nodeId: string) => seen.buttons.find((each) => each.nodeId === nodeId)
    const take = async (step: RehearsalStep): Promise<string> => {
      switch (step.do) {
        case 'give':
          notes.begun.add(step.nodeId)
          if (seen.triggers.has(step.nodeId)) {
            const values = valuesOf(flows.find(({ id }) => id === step.nodeId)?.type, step.message ?? {})
            const firing = {
              nodeId: step.nodeId,
              firingId: newId('evt'),
              runId: newId('run'),
              dueAt: new Date(clock.epoch()).toISOString(),
              isLate: false,
              by: 'Rehearsal',
              values,
            }
            await patience.for(tell().call('fireTrigger', firing, { timeoutMs: ANSWER_MS }))
            return 'fired'
          }
          await patience.for(
            tell().call('shadowGive', { nodeId: step.nodeId, ...(step.message === undefined ? {} : { message: step.message }) }, { timeoutMs: ANSWER_MS }),
          )
          return step.message === undefined ? 'set off' : 'given a message'
        case 'send':
          notes.begun.add(step.nodeId)
          await patience.for(tell().call('shadowSend', { nodeId: step.nodeId, output: step.output, message: step.message ?? {} }, { timeoutMs: ANSWER_MS }))
          return 'sent a message'
        case 'press': {
          await pass(clock.now() + PATIENCE_MS, () => button(step.nodeId)?.isEnabled === true)
          const face = button(step.nodeId)
          if (!face?.isEnabled)
            throw new UserError({ code: 'button-disabled', message: `The button could not be pressed: ${face?.reason ?? 'the flow does not offer it'}.` })
          // as the gateway does before it tells the runtime
          const values = readFields(face.asks, step.values)
          notes.begun.add(step.nodeId)
          const [first] = face.waiting
          const pressed = tell().call(
            'press',
            {
              nodeId: step.nodeId,
              pressId: newId('evt'),
              ...(first ? { waitingId: first.id } : {}),
              values,
              by: step.by ?? NOBODY,
              runId: newId('run'),
            },
            { timeoutMs: ANSWER_MS },
          )
          await patience.for(pressed)
          return `${face.kind === 'form' ? 'entered' : 'pressed'} "${face.label}"${first ? ` for ${first.text}` : ''}`
        }
        case 'answer': {
          await pass(clock.now() + PATIENCE_MS, () => steps.isAsking(step.nodeId))
          notes.begun.add(step.nodeId)
          return steps.answer(step.nodeId, { ...step, by: step.by ?? NOBODY })
        }
        case 'order': {
          if (!seen.listening.has(step.connectionId))
            throw new UserError({ code: 'nobody-listens', message: 'No flow that takes part listens for work orders of this connection.' })
          for (const { id, type, connectionId } of nodes) if (type === 'cw-work-orders' && connectionId === step.connectionId) notes.begun.add(id)
          tell().notify('workOrder', { id: newId('evt'), connectionId: step.connectionId, order: step.order as never, source: 'rehearsal' })
          return `work order ${String(step.order.number ?? '')} came in`
        }
        case 'tag': {
          const value = step.quality === 'bad' ? null : (step.value ?? null)
          await patience.for(tags.say(step.connectionId, { tag: step.tag, value, quality: step.quality ?? 'good', at: clock.epoch() }))
          for (const node of nodes) if (looksAt(node, step)) notes.begun.add(node.id)
          return step.quality === 'bad' ? `${step.tag} is not known any more` : `${step.tag} is ${JSON.stringify(value)}`
        }
        case 'wait': {
          const until = clock.now() + step.s * 1000
          await pass(until, () => false)
          if (clock.now() < until) await clock.jumpTo(until)
          return `waited ${step.s} s`
        }
        default:
          return step satisfies never
      }
    }
    const done: RehearsalReport['steps'] = []
    await rest()
    for (const step of plan.request.steps) {
      if (!mustGoOn() || done.some(({ state }) => state === 'failed')) {
        done.push({ atMs: Math.round(clock.now()), state: 'left-out', text: 'left out' })
        continue
      }
      onDoing(`Step ${done.length + 1} of ${plan.request.steps.length}`)
      const atMs = Math.round(clock.now())
      const from = sourceOf(step)
      try {
        done.push({ atMs, state: 'done', text: await take(step), ...from })
      } catch (error) {
        done.push({ atMs, state: 'failed', text: messageOf(error), ...from })
      }
      await rest()
    }
    const horizon = clock.now() + HORIZON_MS
    await pass(horizon, () => false)
    const durationMs = Math.round(clock.now())
    // what the runtime gathers before it tells it
    if (stopText !== undefined) await pause(REST_MS)

    // --- the report
    onDoing('Writing the report')
    const later = gone === undefined && stopText === undefined ? await clock.nextDue() : undefined
    const reports = [...machines.values()].map((machine) => machine.report())
    const coverage = coverageOf(nodes, notes.wires.values(), notes.begun)
    const failed = done.find(({ state }) => state === 'failed')
    const bad = reports.flatMap(({ name, motions }) => motions.filter(({ state }) => state !== 'completed').map((motion) => ({ name, ...motion })))
    const outsideOf = reports.find(({ isInsideEnvelope }) => !isInsideEnvelope)
    const problem =
      failed?.text ??
      (outsideOf && `${outsideOf.name} left its envelope.`) ??
      (bad[0] && `${bad[0].name}: ${bad[0].what} ${bad[0].state}${bad[0].text ? `: ${bad[0].text}` : ''}`) ??
      notes.errors[0]?.text
    return {
      state: stopText !== undefined ? 'stopped' : problem !== undefined ? 'failed' : 'completed',
      text: stopText ?? problem ?? 'Everything ran to its end.',
      isolation: { network: started.network, files: 'permissions' },
      durationMs,
      tookMs: Math.round(performance.now() - beganAt),
      steps: done,
      machines: reports,
      calls: notes.calls,
      errors: notes.errors,
      waiting: [
        ...seen.buttons.flatMap(({ nodeId, label, waiting }) => waiting.map(({ text }) => ({ nodeId, text: `${text} waits at the button "${label}"` }))),
        ...work.open.map(({ nodeId, name, kind }) => ({
          nodeId,
          text: kind === 'program' ? `Program ${name} waits for a person` : `The job "${name}" was not ended by a flow`,
        })),
        ...steps.open,
        ...(later !== undefined && later > durationMs ? [{ text: `A timer goes on ${inWords(later - durationMs)} later` }] : []),
      ],
      sent: notes.sent,
      expectations: judge(plan.request.expect ?? [], { calls: notes.calls, machines: reports, sent: notes.sent, coverage }),
      coverage,
    }
  } catch (error) {
    // its end says more than the call that met it
    if (!shadow || !(error instanceof OperationalError && error.code === 'connection-lost')) throw error
    throw shadowGone(await Promise.race([shadow.ended, pause(GONE_MS).then(() => 'its connection was lost')]), shadow.log())
  } finally {
    for (const close of closers.reverse()) await close().catch((error) => log.warn({ err: error }, 'a part of the rehearsal could not be closed'))
  }
}

/** Installed node types are those of the real runtime; nothing can be written there. */
async function linkPalette(from: string, userDir: string): Promise<void> {
  await copyFile(join(from, 'package.json'), join(userDir, 'package.json'))
  await symlink(join(from, 'node_modules'), join(userDir, 'node_modules'), 'junction')
}

/** A trigger hears values; one for events hears what happened as its connection tells it. */
function valuesOf(type: string | undefined, { payload, topic, text }: Record<string, unknown>): Record<string, unknown> {
  if (type === 'cw-event-trigger')
    return { ...(payload === undefined ? {} : { payload }), ...(topic === undefined ? {} : { topic }), ...(text === undefined ? {} : { text }) }
  return typeof payload === 'object' && payload !== null ? (payload as Record<string, unknown>) : {}
}

function sourceOf(step: RehearsalStep): Pick<RehearsalReport['steps'][number], 'from'> {
  if (step.do !== 'give' && step.do !== 'send' && step.do !== 'order') return {}
  return { from: step.origin?.from ?? 'given' }
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

function inWords(ms: number): string {
  const minutes = ms / 60_000
  return minutes < 120 ? `${Math.round(minutes)} min` : minutes < 2880 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} days`
}

/** The link is needed by parts that it itself needs. */
function createRuntimeLinkLater() {
  return { link: undefined as unknown as ReturnType<typeof createRuntimeLink>, isOpen: false }
}

/** Those that a machine node of the flows names; each costs a process' worth of work. */
function usedMachines(plan: RehearsalPlan, flows: readonly { type: string; machineId?: unknown }[]): RehearsalPlan['machines'] {
  const named = new Set(flows.filter(({ type }) => type === 'cw-machine').map(({ machineId }) => machineId))
  return plan.machines.filter(({ id }) => named.has(id))
}
