/** Routes of the machines themselves: the list, settings, the link. */
import { addMachine, changeMachine, connectMachine, getMachine, listMachines, removeMachine } from '../api/index.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import { asGuardGone } from './machines.ts'
import { withoutPasswords } from './passwords.ts'
import type { RouteParts } from './route-parts.ts'
import { ANSWER_MS } from './timeouts.ts'

const ok = { ok: true as const }

export function machineSettingRoutes({ machines, audit }: RouteParts): RouteHandler[] {
  return [
    handle(listMachines, () => machines.list()),
    handle(getMachine, ({ params }) => machines.get(params.machineId)),
    handle(addMachine, async ({ body, caller }) => {
      const view = await machines.add(body, caller.userName)
      audit.record({ caller, action: 'added a machine', target: body.id, detail: withoutPasswords(body) })
      return view
    }),
    handle(changeMachine, async ({ params, body, caller }) => {
      const view = await machines.change(params.machineId, body)
      audit.record({ caller, action: 'changed a machine', target: params.machineId, detail: withoutPasswords(body) })
      return view
    }),
    handle(removeMachine, async ({ params, caller }) => {
      await machines.remove(params.machineId)
      audit.record({ caller, action: 'removed a machine', target: params.machineId })
      return ok
    }),
    handle(connectMachine, async ({ params: { machineId }, caller }) => {
      await machines.guard(machineId).call('connect', { by: caller.name }, { timeoutMs: ANSWER_MS }).catch(asGuardGone(machineId))
      audit.record({ caller, action: 'opened the port', target: machineId })
      return ok
    }),
  ]
}
