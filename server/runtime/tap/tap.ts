/**
 * Watches the messages of the running flows for people who have the designer open: counts on wires, times of nodes,
 * errors, and a copy of the last message of each wire. Attachable to any Node-RED.
 *
 * While nobody watches there is no hook at all. While somebody does, a message costs counting and three looks at the clock;
 * copies have a budget of {@link COPY_BUDGET_MS} in every {@link TICK_MS}, and {@link COPIES_SURE} of them are made however long
 * that took: a busy wire shows some of its messages, and how many came since. A hook never throws: a fault in here is reported once and the message goes on.
 */
import { randomUUID } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import type { Activity, ActivityLook, ActivityOverview, NodeActivity, PassedMessage, WireActivity } from '../../api/activity.ts'
import type { CompleteEvent, Message, NodeRed, ReceiveEvent, RunningNode, SendEvent } from '../node-red.ts'
import { copyMessage, type MessageCopy } from './copy.ts'
import { keepErrors } from './errors.ts'
import { fileIdOf, filePlaceOf, type Wire, wiresBetween } from './wires.ts'

const TICK_MS = 100
const COPY_BUDGET_MS = 3
/** The clock goes on while a busy computer keeps this process waiting: one copy that met that must not leave out all the others. */
const COPIES_SURE = 8
const COPIES_A_WIRE = 4
/** Beyond it the oldest copies go. In characters. */
const COPIES_KEPT = 8_000_000
const SECONDS = 10
const LISTED = 12
/** What took less in all the seconds is not worth a line. */
const WORTH_MS = 3
/** So long after the last look the hooks are taken out. */
const WATCHED_MS = 60_000
const LABEL = 'cellwright-tap'

interface WireStat extends Wire {
  count: number
  seq: number
  copy: (MessageCopy & { at: number; count: number }) | undefined
  copiesThisTick: number
  tick: number
}

interface NodeStat {
  id: string
  place: string | undefined
  /** Its number, which a message carries. */
  number: number
  received: number
  finished: number
  saysDone: boolean
  busyMs: number
  latency: { count: number; sumMs: number; lastMs: number; maxMs: number }
  seq: number
  /** Of the last seconds, as a ring. */
  busy: Float64Array
  counts: Uint32Array
}

/** What a running node carries. */
interface Tapped {
  epoch: string
  stat: NodeStat
  /** By output, by receiver. */
  links: Map<RunningNode, WireStat[]>[]
}

const TAPPED = Symbol('what the tap knows of a node')
type TappedNode = RunningNode & { [TAPPED]?: Tapped }
/** On a message: who has it, since when. Numbers, because Node-RED copies what it finds on a message. */
const BY = Symbol('number of the node that has the message')
const AT = Symbol('when it got it')
type TappedMessage = Message & { [BY]?: number; [AT]?: number }

interface TapRequest {
  /** What the reader knows: an epoch, and everything up to a number in it. */
  epoch?: string
  after?: number
  look: ActivityLook
}
interface TapReading {
  /** Everything up to this is in it. */
  upTo: number
  activity: Activity
}

export interface Tap {
  /** What changed in view. Watching begins with the first call and ends a minute after the last. */
  read(request: TapRequest): TapReading
  message(request: { from?: string; port?: number; to?: string }): { message?: PassedMessage; since: string }
  /** For benches and tests. */
  readonly isWatching: boolean
  close(): void
}

export function createTap(red: Pick<NodeRed, 'hooks' | 'log' | 'events' | 'nodes'>, options: { onFault?: (error: unknown) => void } = {}): Tap {
  const { hooks } = red
  let epoch = ''
  let since = new Date()
  let seq = 1
  let wires = new Map<string, WireStat>()
  let nodes = new Map<string, NodeStat>()
  let numbered: NodeStat[] = []
  /** Receives whose handler is at work right now, innermost last. */
  let frames: { stat: NodeStat; msg: Message; start: number; innerMs: number }[] = []
  let tick = 0
  let second = 0
  let copyingMs = 0
  let copiesMade = 0
  let copiesKept = 0
  let isWatching = false
  let readAt = 0
  let timer: NodeJS.Timeout | undefined
  let load = 0
  let loop = performance.eventLoopUtilization()
  const gone = new Map<string, number>()
  /** When an error was thrown on a tab last. */
  const thrown = new Map<string, number>()
  const errors = keepErrors(red, {
    onThrown: (place) => void thrown.set(place, seq),
    onChange(id) {
      const stat = nodes.get(id)
      if (stat) stat.seq = seq
      gone.set(id, seq)
      if (gone.size > 2000) gone.delete(gone.keys().next().value as string)
    },
  })

  function begin(): void {
    epoch = randomUUID()
    since = new Date()
    seq += 1
    wires = new Map()
    nodes = new Map()
    numbered = []
    frames = []
    copiesKept = 0
  }

  function statOf(id: string, place: string | undefined, saysDone: boolean): NodeStat {
    let stat = nodes.get(id)
    if (!stat) {
      stat = {
        id,
        place,
        number: numbered.length,
        received: 0,
        finished: 0,
        saysDone,
        busyMs: 0,
        latency: { count: 0, sumMs: 0, lastMs: 0, maxMs: 0 },
        seq,
        busy: new Float64Array(SECONDS),
        counts: new Uint32Array(SECONDS),
      }
      nodes.set(id, stat)
      numbered.push(stat)
    }
    return stat
  }

  function tapped(node: TappedNode): Tapped {
    const known = node[TAPPED]
    if (known?.epoch === epoch) return known
    const made: Tapped = { epoch, stat: statOf(fileIdOf(node), filePlaceOf(node), node._expectedDoneCount > 0), links: [] }
    Object.defineProperty(node, TAPPED, { value: made, enumerable: false, configurable: true })
    return made
  }

  function linksOf(source: RunningNode, port: number, target: RunningNode): WireStat[] {
    const { links } = tapped(source)
    links[port] ??= new Map()
    let found = links[port].get(target)
    if (!found) {
      found = wiresBetween(source, port, target).map((wire) => {
        const key = `${wire.from}:${wire.port}:${wire.to}`
        const stat = wires.get(key) ?? { ...wire, count: 0, seq, copy: undefined, copiesThisTick: 0, tick }
        wires.set(key, stat)
        return stat
      })
      links[port].set(target, found)
    }
    return found
  }

  function preDeliver({ msg, source, destination }: SendEvent): void {
    if (!destination.node) return
    const links = linksOf(source.node, source.port, destination.node)
    let copy: WireStat['copy']
    for (const stat of links) {
      stat.count += 1
      stat.seq = seq
      if (stat.tick !== tick) {
        stat.tick = tick
        stat.copiesThisTick = 0
      }
      const isSpent = copyingMs >= COPY_BUDGET_MS && copiesMade >= COPIES_SURE
      if (stat.copiesThisTick >= COPIES_A_WIRE || isSpent) continue
      stat.copiesThisTick += 1
      if (!copy) {
        const start = performance.now()
        copy = { ...copyMessage(msg), at: Date.now(), count: 0 }
        copyingMs += performance.now() - start
        copiesMade += 1
      }
      copiesKept += copy.size - (stat.copy?.size ?? 0)
      stat.copy = { ...copy, count: stat.count }
    }
    if (copiesKept > COPIES_KEPT) forgetCopies()
  }

  function forgetCopies(): void {
    const oldest = [...wires.values()].filter(({ copy }) => copy).sort((a, b) => (a.copy?.at ?? 0) - (b.copy?.at ?? 0))
    for (const stat of oldest) {
      if (copiesKept < COPIES_KEPT / 2) return
      copiesKept -= stat.copy?.size ?? 0
      stat.copy = undefined
    }
  }

  function onReceive({ msg, destination: { node } }: ReceiveEvent): void {
    const { stat } = tapped(node)
    stat.received += 1
    stat.seq = seq
    stat.counts[second] = (stat.counts[second] ?? 0) + 1
    if (node.type === 'catch') errors.caught(msg)
    const now = performance.now()
    ;(msg as TappedMessage)[BY] = stat.number
    ;(msg as TappedMessage)[AT] = now
    frames.push({ stat, msg, start: now, innerMs: 0 })
  }

  function postReceive({ msg }: ReceiveEvent): void {
    // one that was held up or refused never gets here: it lies under the others until the next tick
    let at = frames.length - 1
    while (at >= 0 && frames[at]?.msg !== msg) at -= 1
    const frame = frames[at]
    if (!frame) return
    frames.length = at
    const wholeMs = performance.now() - frame.start
    const ownMs = Math.max(0, wholeMs - frame.innerMs)
    frame.stat.busyMs += ownMs
    frame.stat.busy[second] = (frame.stat.busy[second] ?? 0) + ownMs
    const outer = frames[at - 1]
    if (outer) outer.innerMs += wholeMs
  }

  function onComplete({ msg, node: { node } }: CompleteEvent): void {
    const { stat } = tapped(node)
    stat.finished += 1
    stat.seq = seq
    // passed on before it was done, the message is somebody else's by now
    const { [BY]: by, [AT]: at } = msg as TappedMessage
    if (by !== stat.number || at === undefined) return
    const ms = performance.now() - at
    const { latency } = stat
    latency.count += 1
    latency.sumMs += ms
    latency.lastMs = ms
    if (ms > latency.maxMs) latency.maxMs = ms
  }

  let hasFaulted = false
  const safely =
    <Event>(work: (event: Event) => void) =>
    (event: Event): void => {
      try {
        work(event)
      } catch (error) {
        if (!hasFaulted) options.onFault?.(error)
        hasFaulted = true
      }
    }

  function onTick(): void {
    tick += 1
    copyingMs = 0
    copiesMade = 0
    // no handler is at work between two turns of the loop
    frames = []
    if (tick % (1000 / TICK_MS) !== 0) return
    const now = performance.eventLoopUtilization()
    load = performance.eventLoopUtilization(now, loop).utilization
    loop = now
    second = (second + 1) % SECONDS
    for (const stat of numbered) {
      stat.busy[second] = 0
      stat.counts[second] = 0
    }
    if (performance.now() - readAt > WATCHED_MS) stop()
  }

  function watch(): void {
    readAt = performance.now()
    if (isWatching) return
    isWatching = true
    begin()
    loop = performance.eventLoopUtilization()
    hooks.add(`preDeliver.${LABEL}`, safely(preDeliver))
    hooks.add(`onReceive.${LABEL}`, safely(onReceive))
    hooks.add(`postReceive.${LABEL}`, safely(postReceive))
    hooks.add(`onComplete.${LABEL}`, safely(onComplete))
    timer = setInterval(onTick, TICK_MS)
    timer.unref()
  }

  function stop(): void {
    if (!isWatching) return
    isWatching = false
    hooks.remove(`*.${LABEL}`)
    clearInterval(timer)
    // what was copied is not kept for nobody
    begin()
  }

  // everything is made anew: what was counted belonged to other nodes
  const onStarted = ({ type }: { type?: string } = {}) => {
    if (type !== 'nodes' && type !== 'flows') begin()
  }
  red.events.on('flows:started', onStarted)

  const nodeOf = (stat: NodeStat): NodeActivity => {
    const { id, received, finished, saysDone, busyMs, latency } = stat
    const error = errors.all.get(id)?.error
    return {
      id,
      received,
      ...(saysDone ? { finished } : {}),
      busyMs: round(busyMs),
      ...(latency.count ? { latency: { lastMs: round(latency.lastMs), meanMs: round(latency.sumMs / latency.count), maxMs: round(latency.maxMs) } } : {}),
      ...(error ? { error } : {}),
    }
  }
  const wireOf = ({ from, port, to, count }: WireStat): WireActivity => ({ from, port, to, count })

  function overview(): ActivityOverview {
    const busiest = numbered
      .map((stat) => ({ stat, ms: stat.busy.reduce((sum, ms) => sum + ms, 0) }))
      .filter(({ ms }) => ms >= WORTH_MS)
      .sort((a, b) => b.ms - a.ms)
      .slice(0, LISTED)
    const seconds = Math.max(1, Math.min(SECONDS, (Date.now() - since.getTime()) / 1000))
    return {
      load: round(Math.min(1, Math.max(0, load))),
      busiest: busiest.map(({ stat, ms }) => ({
        id: stat.id,
        ...(stat.place ? { place: stat.place } : {}),
        share: round(ms / 1000 / seconds),
        perSecond: round(stat.counts.reduce((sum, count) => sum + count, 0) / seconds),
      })),
      errors: [...errors.all.values()]
        .reverse()
        .slice(0, LISTED)
        .map(({ id, place, error }) => ({ id, ...(place ? { place } : {}), error })),
    }
  }

  return {
    get isWatching() {
      return isWatching
    },
    read({ epoch: known, after = 0, look }) {
      watch()
      const isWhole = known !== epoch
      const from = isWhole ? 0 : after
      const upTo = seq
      seq += 1
      const wanted = look.nodes ? new Set(look.nodes) : undefined
      const isSeen = (id: string) => !wanted || wanted.has(id)
      const shownWires: WireActivity[] = []
      const shownNodes = new Map<string, NodeActivity>()
      if (look.place !== undefined) {
        for (const stat of wires.values())
          if (stat.seq > from && stat.place === look.place && (isSeen(stat.from) || isSeen(stat.to))) shownWires.push(wireOf(stat))
        for (const stat of numbered) if (stat.seq > from && stat.place === look.place && isSeen(stat.id)) shownNodes.set(stat.id, nodeOf(stat))
        // errors of nodes that got no message while somebody watched, and errors that went away
        for (const { id, place, error } of errors.all.values())
          if (place === look.place && isSeen(id) && !nodes.has(id) && (isWhole || (gone.get(id) ?? 0) > from))
            shownNodes.set(id, { id, received: 0, busyMs: 0, error })
        if (!isWhole)
          for (const [id, at] of gone) if (at > from && isSeen(id) && !errors.all.has(id) && !nodes.has(id)) shownNodes.set(id, { id, received: 0, busyMs: 0 })
      }
      const thrownAt = [...errors.thrownAt].filter(([place]) => isWhole || (thrown.get(place) ?? 0) > from)
      return {
        upTo,
        activity: {
          epoch,
          since: since.toISOString(),
          at: new Date().toISOString(),
          isWhole,
          wires: shownWires,
          nodes: [...shownNodes.values()],
          ...(look.withOverview ? { overview: overview() } : {}),
          ...(isWhole || thrownAt.length > 0 ? { thrown: { since: errors.since.toISOString(), at: Object.fromEntries(thrownAt) } } : {}),
        },
      }
    },
    message({ from, port, to }) {
      watch()
      let newest: WireStat | undefined
      for (const stat of wires.values()) {
        if (!stat.copy || (from !== undefined && stat.from !== from) || (port !== undefined && stat.port !== port) || (to !== undefined && stat.to !== to))
          continue
        if (!newest?.copy || stat.copy.at >= newest.copy.at) newest = stat
      }
      if (!newest?.copy) return { since: since.toISOString() }
      const { copy, count } = newest
      return {
        since: since.toISOString(),
        message: {
          from: { id: newest.from, port: newest.port },
          to: newest.to,
          at: new Date(copy.at).toISOString(),
          newer: count - copy.count,
          msg: copy.msg,
          cuts: copy.cuts,
        },
      }
    },
    close() {
      stop()
      errors.close()
      red.events.off('flows:started', onStarted)
    },
  }
}

/** To a thousandth: nobody reads more. */
const round = (value: number): number => Math.round(value * 1000) / 1000
