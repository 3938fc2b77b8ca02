import { Type } from 'typebox'
import { Choice, ConfigNode, defineNode, type Message, Quantity } from '../define-node/index.ts'
import { leaseOf } from './asking.ts'
import machine from './machine.node.ts'
import type { MachineState } from './machine.ts'

const CONDITIONS = {
  free: 'it is free: idle, without a job, nobody has it',
  idle: 'it is idle',
  standing: 'it stands',
  moving: 'it moves',
  held: 'it is held',
  alarm: 'it is in alarm',
  homed: 'its position is trusted',
  connected: 'its controller is connected',
  waiting: 'its program waits for a person',
} as const
type Condition = keyof typeof CONDITIONS

/** @param lease the lease that the waiting message holds, if any */
function isMet(condition: Condition, state: MachineState, lease?: number): boolean {
  // what was reported before the link was lost says nothing about now
  if (state.link !== 'connected') return false
  switch (condition) {
    case 'free':
      return state.controller === 'idle' && !state.job && (!state.lease || state.lease.token === lease)
    case 'idle':
      return state.controller === 'idle'
    case 'standing':
      return state.isStanding
    case 'moving':
      return ['run', 'jog', 'home'].includes(state.controller)
    case 'held':
      return state.controller === 'hold'
    case 'alarm':
      return state.controller === 'alarm'
    case 'homed':
      return state.isPositionTrusted
    case 'connected':
      return true
    case 'waiting':
      return state.job?.phase === 'waiting'
    default:
      return condition satisfies never
  }
}

/** A message that waits. It outlives a restart of its node. */
interface Waiting {
  message: Message
  /** On the clock of this process. */
  until: number | undefined
  release: () => void
  settle: () => void
}

export default defineNode({
  type: 'cw-wait-state',
  family: 'motion',
  label: 'wait for state',
  summary: 'Holds a message back until a machine is in a state, or for so long at most.',
  icon: 'wait-state',
  inputs: 1,
  outputs: ['reached', 'timed out'],
  labelFrom: 'condition',
  config: Type.Object({
    machine: ConfigNode(machine, { title: 'Machine' }),
    condition: Choice(Object.keys(CONDITIONS) as [Condition, ...Condition[]], { title: 'Wait until', labels: CONDITIONS, default: 'free' }),
    timeout: Quantity({ title: 'At most', unit: 's', help: '0 waits for ever.', minimum: 0, maximum: 604_800, default: 60 }),
  }),
  setup(context) {
    const { condition, timeout } = context.config
    const { machineId } = context.referenced('machine')
    const kept = context.kept<Set<Waiting>>(() => new Set())
    let state: MachineState | undefined
    let timer: NodeJS.Timeout | undefined

    const finish = (waiting: Waiting, output: 0 | 1) => {
      kept.delete(waiting)
      waiting.release()
      const send = () => context.send(output, { ...waiting.message, ...(state ? { machineState: state } : {}) })
      if (waiting.message._run) context.services.withRun(waiting.message._run, send)
      else send()
      waiting.settle()
    }
    const look = () => {
      clearTimeout(timer)
      const now = performance.now()
      for (const waiting of [...kept]) {
        if (state && isMet(condition, state, leaseOf(waiting.message, machineId).lease)) finish(waiting, 0)
        else if (waiting.until !== undefined && waiting.until <= now) finish(waiting, 1)
      }
      if (kept.size) context.status({ waiting: `${kept.size > 1 ? `${kept.size} wait` : 'waiting'} until ${CONDITIONS[condition]}` })
      else context.status({ info: state ? `${machineId}: ${state.controller}` : `${machineId}: not known` })
      const next = Math.min(...[...kept].map(({ until }) => until ?? Number.POSITIVE_INFINITY))
      // a timer of Node holds 24.8 days
      if (Number.isFinite(next)) timer = setTimeout(look, Math.max(0, next - performance.now()))
    }
    const remove = context.services.onMachineState(machineId, (next) => {
      state = next
      look()
    })
    look()
    return {
      input: (message) =>
        new Promise<void>((settle) => {
          const release = message._run ? context.services.holdRun(message._run) : () => {}
          kept.add({ message, until: timeout ? performance.now() + timeout * 1000 : undefined, release, settle })
          look()
        }),
      close(isRemoved) {
        remove()
        clearTimeout(timer)
        if (!isRemoved) return
        if (kept.size) context.warn(`This node was removed while ${kept.size} message${kept.size > 1 ? 's' : ''} waited here: they do not go on.`)
        for (const waiting of kept) waiting.release()
      },
    }
  },
})
