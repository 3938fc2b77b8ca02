/** The guard process of one machine. */
import { constants, setPriority } from 'node:os'
import { underLauncher } from '../../../base/child.ts'
import { messageOf } from '../../../base/errors.ts'
import { createLog } from '../../../base/log.ts'
import { checker } from '../../../base/schema.ts'
import { createController } from './choose-controller.ts'
import { GuardInit, GuardNote } from './contract.ts'
import type { Controller } from './controller.ts'
import { Journal } from './journal.ts'
import { watchForOrphan } from './orphan-watch.ts'
import { type GuardServer, serveGuard } from './server.ts'
import { TIMINGS } from './timings.ts'

let end: (why: string) => Promise<void> = async () => {}
let launcherGone: () => void = () => process.exit(0)

const launcher = await underLauncher({
  onShutdown: () => end('The server was shut down'),
  onLauncherGone: () => {
    launcherGone()
    // the process ends by its own rules from now on
    return new Promise(() => {})
  },
})
const init = checker(GuardInit).parse(launcher.init, 'what the launcher passed to the guard')
const log = createLog(`guard-${init.machineId}`)
process.title = `cellwright guard ${init.machineId}`
try {
  // a stop must not wait for anything else on this host; needs a right that most users have not
  setPriority(constants.priority.PRIORITY_ABOVE_NORMAL)
} catch (error) {
  log.debug({ reason: messageOf(error) }, 'runs at normal priority')
}

let server: GuardServer | undefined
const journal = await Journal.open({
  dir: init.journalDir,
  onError: (error) => {
    log.error({ error }, 'the journal cannot be written')
    guard.journalFailed(messageOf(error))
  },
  onWritten: () => guard.journalFailed(undefined),
})
const guard: Controller = createController({
  machineId: init.machineId,
  settings: init.settings,
  ...(init.virtualPort === undefined ? {} : { virtualPort: init.virtualPort }),
  isRestart: init.isRestart,
  journal,
  onState: () => server?.stateChanged(),
  onJobEnded: (jobEnd) => server?.jobEnded(jobEnd),
  onEvent: (event) => server?.event(event),
})
journal.append({ kind: 'guard', what: 'started', pid: process.pid, isRestart: init.isRestart })

const orphan = watchForOrphan({
  launchersAtSocket: () => server?.count('launcher') ?? 0,
  gatewaysAtSocket: () => server?.count('gateway') ?? 0,
  graceMs: TIMINGS.orphanGraceMs,
  timeoutMs: init.orphanTimeoutS * 1000,
  hold: () => guard.holdIfMoving('The server is gone'),
  end: () => endProcess('The server did not come back'),
})
server = await serveGuard({
  socketPath: init.socket,
  token: init.token,
  machineId: init.machineId,
  guard,
  log,
  noticeMs: TIMINGS.noticeMs,
  onCallers: () => {
    orphan.callersChanged()
    guard.setWatched((server?.count('gateway') ?? 0) > 0)
  },
  onEnd: () => endProcess('The launcher asked for it'),
})
end = async (why) => {
  orphan.stop()
  await guard.close(why)
  await server?.close()
  journal.append({ kind: 'guard', what: 'ended', pid: process.pid, text: why })
  await journal.close()
}
launcherGone = () => orphan.launcherGone()
launcher.onNote((note) => {
  const checked = checker(GuardNote)
  if (!checked.is(note)) return log.warn('the launcher said something that is not understood')
  guard.virtualPortChanged(note.port).catch((error) => log.error({ error }, 'the virtual controller cannot be reached'))
})
guard.start()
launcher.ready()

function endProcess(why: string): void {
  end(why).then(
    () => process.exit(0),
    (error) => {
      log.error({ error }, 'the guard did not end cleanly')
      process.exit(1)
    },
  )
}
