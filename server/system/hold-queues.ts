/** A program whose turn comes while the disk is nearly full would only fail: its queue is held, and a person releases it. */
import { messageOf } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { JobsPart } from '../jobs/index.ts'
import type { Machines } from '../machines/contract.ts'
import { isTooFull } from './disk.ts'
import type { System } from './index.ts'

/** What waits is held once, when the disk becomes too full; queues in which nothing waits stay as they are. */
export function holdOnFullDisk(deps: {
  system: Pick<System, 'onDisk' | 'disk'>
  jobs: Pick<JobsPart, 'holdWaiting'>
  machines: Pick<Machines, 'list' | 'isHere'>
  log: Logger
}): void {
  const { system, jobs, machines, log } = deps
  system.onDisk((disk, before) => {
    if (!isTooFull(disk) || isTooFull({ state: before })) return
    for (const { id } of machines.list()) {
      if (!machines.isHere(id)) continue
      jobs
        .holdWaiting(id, 'The disk is nearly full: no program is begun. Make room, then release the queue.')
        // the program at its turn fails with the same reason, and its queue is held then
        .catch((error: unknown) => log.warn({ machineId: id, reason: messageOf(error) }, 'a queue could not be held although the disk is nearly full'))
    }
  })
}
