/** Which triggers the running flows have: the runtime says the whole list, and it is kept in the rows. */

import { OperationalError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { RpcNotice } from '../../base/rpc.ts'
import type { FlowNode } from '../api/index.ts'
import type { Runtime } from '../flows/contract.ts'
import { motionBehind } from '../orchestration/motion-behind.ts'
import type { gatewayRpc } from '../runtime/contract.ts'
import { storeFaces } from './due.ts'
import { placesOf } from './places.ts'
import type { Db } from './rows.ts'
import { troubleIn } from './ticking.ts'

type Faces = RpcNotice<typeof gatewayRpc, 'triggers'>

const AGAIN_MS = 1000

export interface Announced {
  /** The triggers that the runtime of this host runs just now. */
  readonly running: ReadonlySet<string>
  /** The runtime said its list. */
  take(faces: Faces): void
  /** Tells the runtime which are switched off. */
  tellOff(): Promise<void>
  /** Whether a machine moves behind a trigger; found out when somebody looks at it. */
  moves(triggerId: string): Promise<boolean>
  /** Resolves when the newest list is stored. */
  stored(): Promise<void>
  close(): void
}

export function createAnnounced(deps: {
  db: Db
  log: Logger
  runtime: Pick<Runtime, 'peer' | 'onConnection'>
  currentFlows: () => Promise<{ flows: FlowNode[] }>
  /** The runtime of this host runs the newest deployment. */
  isCurrent: () => Promise<boolean>
  now: () => number
  /** The rows are those of the running flows. */
  onStored: () => void
  onChange: () => void
}): Announced {
  const { db, log, runtime, currentFlows, isCurrent, now, onStored, onChange } = deps
  const trouble = troubleIn(log)
  let running: ReadonlySet<string> = new Set()
  let isClosed = false
  let latest: Faces | undefined
  let flowsNow: FlowNode[] | undefined
  /** Whether a machine moves behind a trigger; found out when somebody looks at it. */
  const moving = new Map<string, boolean>()
  const moves = async (id: string): Promise<boolean> => {
    flowsNow ??= (await currentFlows()).flows
    const known = moving.get(id) ?? motionBehind(flowsNow, id)
    moving.set(id, known)
    return known
  }
  let storing: Promise<void> | undefined
  const storeLatest = async (): Promise<void> => {
    while (latest && !isClosed) {
      const faces = latest
      try {
        if (!(await isCurrent())) {
          // of an older deployment: the host with the newest one says which there are, and this one again when it has it too
          if (latest === faces) latest = undefined
          running = new Set(faces.map(({ nodeId }) => nodeId))
          return
        }
        const { flows } = await currentFlows()
        const places = placesOf(flows)
        flowsNow = flows
        moving.clear()
        await storeFaces(
          db,
          faces.map((face) => ({ ...face, ...places(face.nodeId) })),
          now(),
        )
        if (latest === faces) latest = undefined
        running = new Set(faces.map(({ nodeId }) => nodeId))
        await tellOff()
        onStored()
      } catch (error) {
        trouble('the triggers of the flows could not be stored; tried again')(error)
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
      }
    }
  }
  const tellOff = async () => {
    const rows = await db.selectFrom('trigger').select('id').where('isOn', '=', false).where('removedAt', 'is', null).execute()
    try {
      runtime.peer().notify(
        'triggersOff',
        rows.map(({ id }) => id),
      )
    } catch (error) {
      // away: it is told when it says its triggers again
      if (!(error instanceof OperationalError)) throw error
    }
  }
  runtime.onConnection((isConnected) => {
    if (!isConnected) running = new Set()
    onChange()
  })

  return {
    get running() {
      return running
    },
    take(faces) {
      latest = faces
      storing ??= storeLatest().finally(() => {
        storing = undefined
      })
    },
    tellOff,
    moves,
    stored: async () => storing,
    close() {
      isClosed = true
    },
  }
}
