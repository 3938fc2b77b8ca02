/** A machine that another program knew, as the beginning of the set-up: a person goes through every step. */
import type { MoveInMachine } from '../../../server/api/move-in.ts'
import { keep, newWizard } from './wizard-state.ts'

const MOST_ID = 40

/** Takes the place of a set-up that was begun in this tab. */
export function proposeMachine({ name, link, envelopeMm, spindleRpm }: Pick<MoveInMachine, 'name' | 'link' | 'envelopeMm' | 'spindleRpm'>): void {
  const state = newWizard()
  const { draft } = state
  draft.name = name.slice(0, 80)
  draft.id = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, MOST_ID)
  if (link) {
    draft.link.kind = link.kind
    if (link.kind === 'serial') draft.link.serial = { ...draft.link.serial, path: link.path, baudRate: link.baudRate }
    if (link.kind === 'tcp') draft.link.tcp = { host: link.host, port: link.port }
    if (link.kind === 'websocket') draft.link.websocket = { url: link.url }
  }
  if (envelopeMm) draft.envelope = { min: [...envelopeMm.min], max: [...envelopeMm.max] }
  if (spindleRpm) {
    draft.spindleMin = spindleRpm.min
    draft.spindleMax = spindleRpm.max
  }
  keep(state)
}
