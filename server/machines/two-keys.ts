/** What takes more than the right to operate: a line that changes the controller's own settings. */
import { UserError } from '../../base/errors.ts'
import type { MachineAction } from '../../nodes/motion/action.ts'
import { CAPABILITIES } from '../api/index.ts'
import type { Caller } from '../auth/caller.ts'
import { notAllowed } from '../http/problem.ts'

/** Does this line write settings into the controller? Comments and spaces do not hide it. */
export function isSettingLine(line: string): boolean {
  const bare = line
    .replaceAll(/\([^)]*\)|;.*$/g, '')
    .replaceAll(/\s/g, '')
    .toUpperCase()
  return /^\$(?!J=)[^=]*=/.test(bare)
}

const isSetting = (action: MachineAction) => action.kind === 'line' && isSettingLine(action.line)

/** @throws UserError `not-allowed` (403) */
export function requireKeys(action: MachineAction, caller: Pick<Caller, 'capabilities'>): void {
  if (isSetting(action) && !caller.capabilities.has('machines.configure')) throw notAllowed(CAPABILITIES['machines.configure'])
}

/** Flows never change a controller's settings. @throws UserError `not-for-flows` (403) */
export function refuseForFlows(action: MachineAction): void {
  if (!isSetting(action)) return
  throw new UserError({
    code: 'not-for-flows',
    status: 403,
    message: 'A flow does not change the settings of a controller: a person with the right to does that on the page of the machine. Nothing was sent.',
  })
}
