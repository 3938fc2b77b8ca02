/** Tells the other hosts how this host's machines are, and answers what they ask of them. */
import { UserError } from '../../base/errors.ts'
import type { MachineView } from '../api/index.ts'
import type { Hosts } from '../hosts/contract.ts'
import type { Machines } from './contract.ts'
import { isCarried, TELL_MS, type Told } from './elsewhere.ts'

/** Between two states of one machine. */
const LEAST_MS = 250
const CALL_MS = 60_000

export interface Telling {
  /** A machine of this host changed. */
  changed(view: MachineView): void
  close(): void
}

export function tellOthers(options: {
  hosts: Hosts
  machines: Pick<Machines, 'list' | 'get' | 'guard'>
  /** Another host told of one of its machines. */
  heard(machineId: string, told: Told, from: string): void
  programPath: ((sha256: string) => string) | undefined
  /** Machines were added, changed, moved or removed elsewhere. */
  othersChanged(): void
  /** Another host asks this one to let go of a machine. @throws why not */
  give(machineId: string, to: string): Promise<void>
}): Telling {
  const { hosts, machines } = options
  const { bus } = hosts
  const due = new Map<string, MachineView>()
  let timer: NodeJS.Timeout | undefined

  const tell = ({ id, guard, state }: MachineView) => bus.tell('machine', { machineId: id, guard, ...(state ? { state } : {}) })
  const flush = () => {
    timer = undefined
    for (const view of due.values()) tell(view)
    due.clear()
  }
  const tellAll = () => {
    if (!hosts.hasOthers) return
    for (const view of machines.list()) if (!view.host) tell(view)
  }
  const often = setInterval(tellAll, TELL_MS)
  often.unref()

  bus.on('machine', (body, from) => {
    const { machineId, ...told } = body as Told & { machineId: string }
    options.heard(machineId, told, from)
  })
  bus.on('machines-changed', () => options.othersChanged())
  bus.answer('machine-call', async (body) => {
    const { machineId, method, params } = body as { machineId: string; method: string; params: never }
    const view = machines.get(machineId)
    if (view.host)
      throw new UserError({
        code: 'machine-elsewhere',
        status: 409,
        message: `"${machineId}" is not wired to host "${hosts.name}" but to "${view.host.name}".`,
      })
    if (!isCarried(method)) throw new UserError({ code: 'machine-elsewhere', status: 409, message: `"${method}" is not taken from another host.` })
    const { sha256 } = params as { sha256?: string }
    const own = sha256 !== undefined && options.programPath ? { ...(params as object), path: options.programPath(sha256) } : params
    return machines.guard(machineId).call(method as 'stop', own as never, { timeoutMs: CALL_MS })
  })
  bus.answer('machine-give', async (body) => {
    const { machineId, to } = body as { machineId: string; to: string }
    await options.give(machineId, to)
    return null
  })

  return {
    changed(view) {
      if (!hosts.hasOthers) return
      due.set(view.id, view)
      timer ??= setTimeout(flush, LEAST_MS)
      timer.unref()
    },
    close() {
      clearInterval(often)
      clearTimeout(timer)
    },
  }
}
