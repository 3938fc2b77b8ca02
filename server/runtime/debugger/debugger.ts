/**
 * The debugger inside the flow runtime: it holds messages back before they enter a node, by Node-RED's own hooks.
 *
 * No breakpoint, no pause, nothing that waits: no hook, no cost.
 *
 * Machines: a run that was in the debugger enters no node that acts on a machine without a person's yes, message by message,
 * until it is let go for good. While one message waits there, whatever else comes for that machine waits behind it. What makes
 * a machine stand, and what tells whether it is safe, is never held back.
 *
 * Left alone (no beat for two minutes) breakpoints and pauses are lifted and messages go on in their order, except those that
 * would act on a machine: they wait until somebody decides.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'
import { UserError } from '../../../base/errors.ts'
import type { Logger } from '../../../base/log.ts'
import { type Breakpoint, type DebuggerState, LEFT_AFTER_MS, MAX_WAITING, type MessageView, SHOWN_WAITING, type WaitReason } from '../../api/debugger.ts'
import type { Message, NodeRed, ReceiveEvent, RunningNode, SendEvent } from '../node-red.ts'
import type { Tracing } from '../tracing.ts'
import { createBreakpoints } from './breakpoints.ts'
import { judge } from './condition.ts'
import type { DebuggerOrder, DebuggerPlan } from './contract.ts'
import { type Arrival, countByNode, type Done, describe, type Held } from './held.ts'
import { applyEdits, inWords, viewMessage } from './message-view.ts'
import { motionOf, type NodeMotion } from './motion.ts'
import { idOf, isStopped, originOf, placesOf } from './places.ts'

interface DebugHooks {
  add(name: string, handler: (event: never, done: Done) => void): void
  remove(name: string): void
}
export type DebuggedRed = Pick<NodeRed, 'nodes' | 'events' | 'util'> & { readonly hooks: unknown }

type Decision = { why: WaitReason; text?: string; breakpointId?: string } | undefined

/** What is done with the other messages of a run that was in the debugger. */
interface Follow {
  is: 'step' | 'run-to' | 'watch'
  nodeId: string | undefined
  seenAt: number
}

const LABEL = 'cellwright-debugger'
const PUBLISH_MS = 100
const LOOK_MS = 5000
/** A run that has ended is watched on for so long: a late message of it may still come. */
const FOLLOW_MS = 600_000

export interface Debugger {
  order(order: DebuggerOrder): DebuggerState
  /** @throws UserError not-waiting, edit-not-possible */
  message(request: { id: string; edits?: Parameters<typeof applyEdits>[1] }): MessageView
  state(): DebuggerState
  /** Tells the state again: the gateway has come back. */
  repeat(): void
  /** Whether messages go through the debugger now. */
  readonly isOn: boolean
  close(): void
}

export function createDebugger(options: {
  red: DebuggedRed
  tracing: Pick<Tracing, 'holdRun' | 'isOpen'>
  publish: (state: DebuggerState) => void
  log: Pick<Logger, 'warn'>
  /** What the runtime before this one had. */
  plan?: DebuggerPlan
  /** @defaultValue {@link LEFT_AFTER_MS} */
  leftAfterMs?: number
}): Debugger {
  const { red, tracing, publish, log, leftAfterMs = LEFT_AFTER_MS } = options
  const hooks = red.hooks as DebugHooks
  const breakpoints = createBreakpoints(red, options.plan?.breakpoints ?? [])
  const paused = new Map((options.plan?.paused ?? []).map((place) => [place.placeId, place]))
  const waiting = new Map<string, Held>()
  const follows = new Map<string, Follow>()
  /** Nodes at which a condition is being judged: what comes next stays behind. */
  const judging = new Map<RunningNode, Promise<void>>()
  /** Came over a wire and was let through: not looked at again as it enters. */
  const admitted = new WeakSet<Message>()
  const lost = { full: 0, deploy: 0 }
  let leftAt: Date | undefined
  let revision = Date.now()
  let beatAt = performance.now()
  let isOn = false
  let publishing: NodeJS.Timeout | undefined
  let looking: NodeJS.Timeout | undefined

  // --- arriving

  const onWire = (event: SendEvent, done: Done) => {
    const { node } = event.destination
    if (!node) return done()
    const { msg, source } = event
    arrive({
      message: msg,
      node,
      from: originOf({ source, to: node }),
      done: (result) => {
        if (result === undefined) admitted.add(msg)
        done(result)
      },
    })
  }
  const onEntering = ({ msg, destination }: ReceiveEvent, done: Done) => {
    if (admitted.delete(msg)) return done()
    arrive({ message: msg, node: destination.node, from: undefined, done })
  }

  function arrive(coming: Pick<Arrival, 'message' | 'node' | 'from' | 'done'>): void {
    const { node } = coming
    const motion = motionOf(red, node)
    // said to make a machine stand, or whether it is safe: at once
    if (motion.role === 'protects') {
      coming.done()
      return
    }
    const before = judging.get(node)
    const first = before ? undefined : decide(coming, motion)
    if (!before && !(first instanceof Promise)) {
      if (!first) coming.done()
      else hold({ ...coming, motion, resume: AsyncLocalStorage.snapshot() }, first)
      return
    }
    const arrival: Arrival = { ...coming, motion, resume: AsyncLocalStorage.snapshot() }
    const mine = Promise.resolve(before)
      .then(() => first ?? decide(coming, motion))
      .then((decision) => (decision ? hold(arrival, decision) : arrival.resume(() => arrival.done())))
      .finally(() => {
        if (judging.get(node) === mine) judging.delete(node)
      })
    judging.set(node, mine)
  }

  function decide({ message, node, from }: Pick<Arrival, 'message' | 'node' | 'from'>, motion: NodeMotion): Decision | Promise<Decision> {
    const id = idOf(node)
    const follow = typeof message._run === 'string' ? follows.get(message._run) : undefined
    if (follow) {
      follow.seenAt = performance.now()
      if (follow.is === 'step') return { why: 'step' }
      if (follow.is === 'run-to' && follow.nodeId === id) return { why: 'run-to' }
    }
    if (paused.size > 0 && placesOf(node).some((place) => paused.has(place))) return { why: 'paused' }
    const found = breakpoints.at(id, from)
    if (found.length > 0) return hit(found, { message, node }, motion, follow)
    return forMotion(motion, follow)
  }

  /** What no breakpoint caught may still have to wait before it acts on a machine. */
  function forMotion({ role, machineId }: NodeMotion, follow: Follow | undefined): Decision {
    if (role !== 'acts') return undefined
    if (follow) return { why: 'motion' }
    for (const { motion } of waiting.values()) {
      if (motion.role === 'acts' && (motion.machineId === machineId || motion.machineId === undefined || machineId === undefined)) return { why: 'order' }
    }
    return undefined
  }

  function hit(found: readonly Breakpoint[], { message, node }: Pick<Arrival, 'message' | 'node'>, motion: NodeMotion, follow: Follow | undefined) {
    const plain = found.find(({ condition }) => !condition)
    const caught = (breakpoint: Breakpoint, text?: string): Decision => {
      breakpoint.hits += 1
      return { why: text === undefined ? 'breakpoint' : 'condition-failed', breakpointId: breakpoint.id, ...(text === undefined ? {} : { text }) }
    }
    if (plain) return caught(plain)
    return (async () => {
      for (const breakpoint of found) {
        const verdict = await judge(red.util, { source: breakpoint.condition ?? '', node, message })
        if (verdict.is === 'met') return caught(breakpoint)
        // nobody knows whether it was meant: it waits
        if (verdict.is === 'failed') return caught(breakpoint, verdict.text)
      }
      return forMotion(motion, follow)
    })()
  }

  function hold(arrival: Arrival, { why, text, breakpointId: caughtBy }: NonNullable<Decision>): void {
    if (waiting.size >= MAX_WAITING) {
      lost.full += 1
      soon()
      const error = new Error(`The message was given up: ${MAX_WAITING} messages wait in the debugger already, which is as many as it holds.`)
      arrival.resume(() => arrival.done(error))
      return
    }
    const { _run: run } = arrival.message
    // from now on the whole run is in the debugger
    if (typeof run === 'string' && !follows.has(run)) follows.set(run, { is: 'watch', nodeId: undefined, seenAt: performance.now() })
    const id = randomUUID()
    waiting.set(id, {
      ...arrival,
      id,
      why,
      text,
      breakpointId: caughtBy,
      since: new Date(),
      isEdited: false,
      words: inWords(arrival.message.payload),
      releaseRun: typeof run === 'string' ? tracing.holdRun(run) : () => {},
    })
    soon()
  }

  // --- going on

  /** @param result false: the message is gone */
  function release(held: Held, result?: false): void {
    waiting.delete(held.id)
    held.resume(() => held.done(result))
    held.releaseRun()
    soon()
  }

  function follow(held: Held, is: Follow['is'], nodeId?: string): void {
    const { _run: run } = held.message
    if (typeof run === 'string') follows.set(run, { is, nodeId, seenAt: performance.now() })
  }

  /** In their order; what would act on a machine waits on. */
  function releaseAll(which: (held: Held) => boolean): void {
    for (const held of [...waiting.values()]) {
      if (!which(held)) continue
      follow(held, 'watch')
      if (held.motion.role === 'acts') {
        held.why = 'motion'
        held.breakpointId = undefined
      } else release(held)
    }
  }

  function find(id: string): Held {
    const held = waiting.get(id)
    if (held) return held
    throw new UserError({
      code: 'not-waiting',
      status: 404,
      message: 'This message does not wait any more: it went on, was dropped, or its node was stopped by a deploy.',
    })
  }

  function setPaused({ placeId, isPaused, by }: Extract<DebuggerOrder, { do: 'pause' }>): void {
    if (isPaused) {
      if (!paused.has(placeId)) paused.set(placeId, { placeId, since: new Date().toISOString(), by })
      return
    }
    if (!paused.delete(placeId)) return
    releaseAll(({ why, node }) => {
      if (why !== 'paused' && why !== 'step') return false
      const places = placesOf(node)
      return places.includes(placeId) && !places.some((place) => paused.has(place))
    })
  }

  function goOn({ id, how, nodeId, isMotionConfirmed = false }: Extract<DebuggerOrder, { do: 'go-on' }>): void {
    const held = find(id)
    if (!isMotionConfirmed && (held.motion.role === 'acts' || how === 'free'))
      throw new UserError({
        code: 'motion-not-confirmed',
        status: 409,
        message:
          held.motion.role === 'acts'
            ? `This message acts on ${held.motion.machineId ?? 'a machine'} as soon as it goes on. Confirm that first.`
            : 'Let go for good, the run is no longer stopped before it acts on a machine. Confirm that first.',
      })
    const { _run: run } = held.message
    switch (how) {
      case 'step':
        follow(held, 'step')
        break
      case 'continue':
        follow(held, 'watch')
        break
      case 'run-to':
        if (nodeId === undefined) throw new UserError({ code: 'node-missing', message: 'Say to which node the message is to run.' })
        follow(held, 'run-to', nodeId)
        break
      case 'free':
        if (typeof run === 'string') follows.delete(run)
        break
      default:
        how satisfies never
    }
    release(held)
  }

  function liftAll(): void {
    paused.clear()
    for (const each of follows.values()) each.is = 'watch'
    releaseAll(() => true)
  }

  // --- being there, and not

  function look(): void {
    const now = performance.now()
    for (const [run, { seenAt }] of follows) if (now - seenAt > FOLLOW_MS && !tracing.isOpen(run)) follows.delete(run)
    const hasHold = paused.size > 0 || breakpoints.isAnyOn
    const hasPassable = [...waiting.values()].some(({ motion }) => motion.role !== 'acts')
    if (now - beatAt > leftAfterMs && (hasHold || hasPassable)) {
      log.warn({ waiting: waiting.size }, 'the debugger was left: breakpoints and pauses are off, what would act on a machine waits')
      breakpoints.switchOff()
      liftAll()
      leftAt = new Date()
      soon()
    }
    attend()
  }

  /** Hooks are there exactly while they are needed. */
  function attend(): void {
    const isNeeded = paused.size > 0 || waiting.size > 0 || follows.size > 0 || breakpoints.isAnyOn
    if (isNeeded === isOn) return
    isOn = isNeeded
    clearInterval(looking)
    if (isNeeded) {
      hooks.add(`preDeliver.${LABEL}`, onWire)
      hooks.add(`onReceive.${LABEL}`, onEntering)
      looking = setInterval(look, Math.min(LOOK_MS, leftAfterMs))
      looking.unref()
    } else hooks.remove(`*.${LABEL}`)
  }

  /** What waits before nodes that a deploy has stopped can go nowhere. */
  const sweep = () => {
    for (const held of [...waiting.values()]) {
      if (!isStopped(held.node)) continue
      lost.deploy += 1
      log.warn({ nodeId: idOf(held.node), nodeType: held.node.type }, 'a message that waited in the debugger is gone: a deploy stopped its node')
      release(held, false)
    }
  }
  red.events.on('flows:stopped', sweep)
  red.events.on('flows:started', sweep)

  // --- telling

  const state = (): DebuggerState => ({
    revision,
    breakpoints: breakpoints.list(),
    paused: [...paused.values()],
    waiting: [...waiting.values()].slice(0, SHOWN_WAITING).map(describe),
    waitingCount: waiting.size,
    waitingAt: countByNode(waiting.values()),
    lost: { ...lost },
    ...(leftAt ? { leftAt: leftAt.toISOString() } : {}),
  })
  const send = () => {
    publishing = undefined
    attend()
    publish(state())
  }
  function soon(): void {
    revision = Math.max(revision + 1, Date.now())
    publishing ??= setTimeout(send, PUBLISH_MS)
  }

  attend()
  return {
    state,
    order(order) {
      beatAt = performance.now()
      if (order.do === 'beat') return state()
      leftAt = undefined
      switch (order.do) {
        case 'set-breakpoint':
          breakpoints.set(order)
          break
        case 'remove-breakpoint':
          breakpoints.remove(order.id)
          break
        case 'pause':
          setPaused(order)
          break
        case 'go-on':
          goOn(order)
          break
        case 'go-on-all':
          releaseAll(() => true)
          break
        case 'drop':
          release(find(order.id), false)
          break
        case 'end':
          breakpoints.clear()
          liftAll()
          break
        default:
          order satisfies never
      }
      attend()
      soon()
      return state()
    },
    message({ id, edits }) {
      const held = find(id)
      if (edits) {
        applyEdits(held.message, edits)
        held.isEdited = true
        held.words = inWords(held.message.payload)
        soon()
      }
      return viewMessage(held.message)
    },
    repeat: soon,
    get isOn() {
      return isOn
    },
    close() {
      clearTimeout(publishing)
      clearInterval(looking)
      red.events.off('flows:stopped', sweep)
      red.events.off('flows:started', sweep)
      if (isOn) hooks.remove(`*.${LABEL}`)
      isOn = false
    },
  }
}
