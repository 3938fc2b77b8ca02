/** Routes of the controller behind a machine: its own settings and the talk with it. */
import { backupFirmwareSettings, getFirmwareSettings, getTraffic, writeFirmwareSettings } from '../api/index.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import { asGuardGone, asOutcomeUnknown } from './machines.ts'
import type { RouteParts } from './route-parts.ts'
import { ANSWER_MS } from './timeouts.ts'

/** Three hundred settings, one after the other, each a write to the controller's memory. */
const WRITE_MS = 5 * ANSWER_MS

export function controllerRoutes({ machines, audit }: RouteParts): RouteHandler[] {
  return [
    handle(getFirmwareSettings, ({ params: { machineId } }) =>
      machines.guard(machineId).call('firmwareSettings', {}, { timeoutMs: ANSWER_MS }).catch(asGuardGone(machineId)),
    ),
    handle(backupFirmwareSettings, async ({ params: { machineId }, caller }) => {
      await machines.guard(machineId).call('backupFirmwareSettings', { by: caller.name }, { timeoutMs: ANSWER_MS }).catch(asGuardGone(machineId))
      audit.record({ caller, action: 'backed up the settings of the controller', target: machineId })
      return { ok: true as const }
    }),
    handle(writeFirmwareSettings, ({ params: { machineId }, body: { settings }, caller }) => {
      audit.record({ caller, action: 'changed settings of the controller', target: machineId, detail: { settings } })
      return machines.guard(machineId).call('writeFirmwareSettings', { settings, by: caller.name }, { timeoutMs: WRITE_MS }).catch(asOutcomeUnknown(machineId))
    }),
    handle(getTraffic, ({ params: { machineId }, query }) =>
      machines.guard(machineId).call('traffic', { after: query.after }, { timeoutMs: ANSWER_MS }).catch(asGuardGone(machineId)),
    ),
  ]
}
