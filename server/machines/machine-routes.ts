/** Routes of the machines themselves: the list, settings, the link. */
import { checker } from '../../base/schema.ts'
import { MachineSettings } from '../../nodes/motion/machine.ts'
import { addMachine, changeMachine, connectMachine, getMachine, listMachines, removeMachine } from '../api/index.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import { requireContent } from '../versions/index.ts'
import { asGuardGone } from './machines.ts'
import { withoutPasswords } from './passwords.ts'
import type { RouteParts } from './route-parts.ts'
import { ANSWER_MS } from './timeouts.ts'

const ok = { ok: true as const }
const settingsChecker = checker(MachineSettings)

/** @throws UserError invalid-input for what an older product stored and this one does not know any more, version-removed */
const settingsOf = (version: Parameters<typeof requireContent>[0]): MachineSettings => settingsChecker.parse(requireContent(version), 'The kept version')

export function machineSettingRoutes({ machines, audit, versions }: RouteParts): RouteHandler[] {
  versions.own(
    { kind: 'machine' },
    {
      sees: 'machines.view',
      changes: 'machines.configure',
      // as if a person had saved the form: checked, told to the guard, refused while it moves; its passwords stay as they are now
      async restore({ caller, version, reason }) {
        const settings = settingsOf(version)
        const by = { author: caller, reason, restoredFrom: version.id }
        const machineId = version.subject
        const isThere = machines.list().some(({ id }) => id === machineId)
        if (isThere) await machines.change(machineId, settings, by)
        else await machines.add({ id: machineId, ...settings }, by)
        audit.record({
          caller,
          action: isThere ? 'changed a machine' : 'added a machine',
          target: machineId,
          detail: { ...settings, restored: version.number },
        })
      },
    },
  )
  return [
    handle(listMachines, () => machines.list()),
    handle(getMachine, ({ params }) => machines.get(params.machineId)),
    handle(addMachine, async ({ body, caller }) => {
      const view = await machines.add(body, { author: caller })
      audit.record({ caller, action: 'added a machine', target: body.id, detail: withoutPasswords(body) })
      return view
    }),
    handle(changeMachine, async ({ params, body, caller }) => {
      const { reason, ...settings } = body
      const view = await machines.change(params.machineId, settings, { author: caller, reason })
      audit.record({ caller, action: 'changed a machine', target: params.machineId, detail: { ...withoutPasswords(settings), ...(reason ? { reason } : {}) } })
      return view
    }),
    handle(removeMachine, async ({ params, caller }) => {
      await machines.remove(params.machineId, { author: caller })
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
