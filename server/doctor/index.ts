/**
 * Looks at an installation from outside, whether it runs or not: what keeps it from starting, from being reached, from its machines.
 * Nothing is changed, and nothing that is found out is a secret.
 */
import { messageOf } from '../../base/errors.ts'
import { type Config, readConfig } from '../config.ts'
import { lookAtClock, lookAtMemory, lookAtNames, lookAtNode } from './computer.ts'
import { lookAtDataDir, lookAtRoom, lookAtRunning, runningOn } from './data-dir.ts'
import { type Finding, ok, type Patient, problem } from './finding.ts'
import { lookAtCertificate, lookAtPort } from './network.ts'
import { lookAtSerialPorts } from './serial.ts'
import { lookAtDatabase, lookAtRedis } from './stores.ts'

export { runningOn } from './data-dir.ts'
export type { Finding } from './finding.ts'

const SLOWEST_MS = 20_000

/** @returns what was found, in the order in which a person would look */
export async function examine({ env, root, now = new Date() }: { env: Record<string, string | undefined>; root: string; now?: Date }): Promise<Finding[]> {
  const found = [...lookAtNode(), ...lookAtMemory(), ...lookAtNames({ env }), ...(await lookAtClock({ now }))]
  let config: Config
  try {
    config = readConfig(env)
    found.push(ok('settings', 'Every setting is one that can be.'))
  } catch (error) {
    // what stands on them cannot be looked at
    return [
      ...found,
      problem('settings', messageOf(error), '"cellwright config" lists every setting. The rest is looked at when this is put right.'),
      ...(await lookAtSerialPorts()),
    ]
  }
  const patient: Patient = { config, env, root, now, running: await runningOn(config) }
  const looks: [string, (patient: Patient) => Promise<Finding[]>][] = [
    ['data directory', lookAtDataDir],
    ['disk', lookAtRoom],
    ['running', lookAtRunning],
    ['port', lookAtPort],
    ['certificate', lookAtCertificate],
    ['database', lookAtDatabase],
    ['Redis', lookAtRedis],
    ['serial ports', () => lookAtSerialPorts()],
  ]
  const results = await Promise.all(looks.map(([check, look]) => inTime(check, look(patient))))
  return [...found, ...results.flat()]
}

/** One look that fails or hangs must not keep the others from being told. */
async function inTime(check: string, look: Promise<Finding[]>): Promise<Finding[]> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Finding[]>((resolve) => {
    timer = setTimeout(
      () => resolve([problem(check, `It did not answer within ${SLOWEST_MS / 1000} s.`, 'Something hangs: a network drive, a name server?')]),
      SLOWEST_MS,
    )
  })
  try {
    return await Promise.race([look, late])
  } catch (error) {
    return [problem(check, `It could not be looked at: ${messageOf(error)}.`, 'Run this as the user who runs Cellwright.')]
  } finally {
    clearTimeout(timer)
  }
}
