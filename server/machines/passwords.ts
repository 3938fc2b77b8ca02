/** Passwords of machines: kept apart from the settings, sealed in the database, told to guards and to nobody else. */
import { messageOf } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import { checker } from '../../base/schema.ts'
import { MachineSettings } from '../../nodes/motion/machine.ts'
import type { Secrets } from '../secrets/index.ts'

export type Passwords = NonNullable<MachineSettings['linuxcnc']>
const passwords = checker(MachineSettings.properties.linuxcnc)

/** Settings as anybody may see them. */
export function withoutPasswords<S extends Pick<MachineSettings, 'linuxcnc'>>(settings: S): Omit<S, 'linuxcnc'> {
  const { linuxcnc: _, ...rest } = settings
  return rest
}

/** What changed settings mean for the passwords: one that is not named stays, an empty one is taken away. */
export function mergePasswords(next: MachineSettings, before: Passwords | undefined): MachineSettings {
  const rest = withoutPasswords(next)
  // no reason to keep them for a machine that never asks for them
  if (next.controller !== 'linuxcnc') return rest
  const linuxcnc = Object.fromEntries(Object.entries({ ...before, ...next.linuxcnc }).filter(([, password]) => password !== '')) as Passwords
  return Object.keys(linuxcnc).length ? { ...rest, linuxcnc } : rest
}

/** How they are stored; null where there is none. */
export const seal = (secrets: Pick<Secrets, 'seal'>, { linuxcnc }: MachineSettings): string | null =>
  linuxcnc === undefined ? null : secrets.seal(JSON.stringify(linuxcnc))

/** Reads what {@link seal} made; what cannot be read any more is said in the log and left out: the guard will be refused and say so. */
export function unseal(sealed: string | null, options: { secrets: Pick<Secrets, 'open'>; log: Logger; machineId: string }): Pick<MachineSettings, 'linuxcnc'> {
  if (sealed === null) return {}
  try {
    return { linuxcnc: passwords.parse(JSON.parse(options.secrets.open(sealed)), 'The passwords') as Passwords }
  } catch (error) {
    options.log.error({ machineId: options.machineId, reason: messageOf(error) }, 'the passwords of a machine cannot be read: enter them again')
    return {}
  }
}
