/** A flow runtime for tests of triggers. */
import { OperationalError, UserError } from '../../base/errors.ts'
import type { Schedule } from '../../nodes/triggers/time/schedule.ts'
import type { Face } from './face.ts'
import type { TriggersPart } from './index.ts'

export const time = (nodeId: string, schedule: Schedule, more: Partial<Face> = {}): Face => ({
  nodeId,
  kind: 'time',
  name: nodeId,
  schedule,
  missed: 'skip',
  lateMs: 30_000,
  ...more,
})

export interface Fired {
  nodeId: string
  firingId: string
  runId: string
  dueAt: string
  isLate: boolean
  values: Record<string, unknown>
}

/** A flow runtime that asks back as the real one does, and can be away or die in the middle. */
export function runtimeDouble(part: () => TriggersPart) {
  const fired: Fired[] = []
  const listeners: ((isConnected: boolean) => void)[] = []
  const told: unknown[] = []
  let faces: Face[] = []
  const double = {
    fired,
    firedAt: [] as number[],
    told,
    isThere: false,
    /** Where it dies with the next firing. */
    dies: undefined as undefined | 'before-asking' | 'after-yes',
    state: { process: 'running', flows: 'running' } as const,
    peer() {
      if (!double.isThere) throw new OperationalError({ code: 'runtime-away', message: 'The flow runtime is not running.' })
      return {
        notify: (_name: string, list: unknown) => void told.push(list),
        async call(_method: string, request: Fired) {
          if (!double.isThere) throw new OperationalError({ code: 'connection-lost', message: 'Lost.' })
          if (double.dies === 'before-asking') return double.die()
          if (!faces.some(({ nodeId }) => nodeId === request.nodeId)) throw new UserError({ code: 'trigger-gone', message: 'Gone.', status: 404 })
          const { begins } = await part().rpc.requests.triggerBegins({ firingId: request.firingId })
          if (begins) fired.push(request)
          if (begins) double.firedAt.push(Date.now())
          if (double.dies === 'after-yes') return double.die()
          return { hasBegun: begins }
        },
      } as never
    },
    die(): never {
      double.dies = undefined
      double.connect(false)
      throw new OperationalError({ code: 'connection-lost', message: 'Lost.' })
    },
    onConnection: (listener: (isConnected: boolean) => void) => void listeners.push(listener),
    connect(isConnected: boolean) {
      double.isThere = isConnected
      for (const listener of listeners) listener(isConnected)
    },
    async run(list: Face[]) {
      faces = list
      double.connect(true)
      part().rpc.notifications.triggers(list)
      await part().settle()
    },
  }
  return double
}
