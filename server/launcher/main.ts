/** `npm start`: runs in npm's own process, on the user's own Node (20 or newer), with Node's own modules only. */
import { appendFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../../base/errors.ts'
import { type Config, dataPaths, readConfig, SETTINGS } from '../config.ts'
import { EX_CONFIG } from '../service/unit.ts'
import type { GatewayReady } from './contract.ts'
import { createLauncher } from './launcher.ts'
import { turnOver } from './log-files.ts'
import { keepLogs } from './log-keeper.ts'
import { builtPrograms } from './programs.ts'
import { serviceManager } from './service-manager.ts'
import { keepBeating } from './watchdog.ts'

type Addresses = Pick<GatewayReady, 'url' | 'setupUrl' | 'trust'>

export interface LaunchOptions {
  /** What stands behind `npm start --`. */
  args: readonly string[]
  /** The Node that the other processes run on. */
  node: string
  root: string
  /** Told once when it runs, instead of a line on standard output. */
  onReady?: (addresses: Addresses) => void
}

/** A Ctrl-C comes twice, from the terminal and from npm: only a later one means hurry. */
const SAME_SIGNAL_MS = 500
/** Codes of errors that a person must put right first: started again, it would say the same. Others may go away by themselves: a port that is taken, a disk that is not there yet. */
const FOR_A_PERSON = [
  'setting-invalid',
  'schema-newer',
  'backup-before-upgrade',
  'restore-unfinished',
  'database-too-old',
  'database-of-another-version',
  'not-built',
  'no-embedded-postgres',
]
/** While it starts, the service manager is asked for so much more time, so often. */
const START_BEAT_MS = 10_000
const START_MORE_US = '60000000'
/** The same process is not complained about more often. */
const ECHO_EVERY_MS = 10_000

/** Runs Cellwright until it is told to stop; resolves with the exit code. */
export async function launch({ args, node, root, onReady = printAddress }: LaunchOptions): Promise<number> {
  // a terminal that was closed must not end us before the machines are held
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  if (args.length) {
    const asksForHelp = args.every((arg) => arg === '--help' || arg === '-h')
    const settings = Object.values(SETTINGS).map(({ env, meaning, defaultText }) => `  ${env}  ${meaning} Default: ${defaultText}`)
    console[asksForHelp ? 'log' : 'error'](['npm start takes its settings from the environment:', ...settings].join('\n'))
    return asksForHelp ? 0 : 1
  }
  let config: Config
  let launcher: ReturnType<typeof createLauncher>
  let complain: (who: string, text: string) => void
  try {
    config = readConfig()
    complain = complaints(config)
    launcher = createLauncher({ config, root, programs: builtPrograms({ root, node }), complain })
  } catch (error) {
    console.error(messageOf(error))
    return exitCodeOf(error)
  }
  const manager = serviceManager({ complain: (text) => complain('launcher', text) })
  const starting = manager && setInterval(() => manager.tell({ EXTEND_TIMEOUT_USEC: START_MORE_US, STATUS: 'Starts.' }), START_BEAT_MS)
  let stopBeating: (() => void) | undefined
  let stopTidying: (() => void) | undefined

  let askedAt: number | undefined
  let tellStop: () => void = () => {}
  const asked = new Promise<void>((resolve) => {
    tellStop = resolve
  })
  const onSignal = () => {
    const now = performance.now()
    if (askedAt === undefined) {
      askedAt = now
      console.error('Stopping: machines are held first. Ctrl-C again to hurry.')
      manager?.tell({ STOPPING: '1', STATUS: 'Stops: machines are held first.' })
      tellStop()
      // a failure is told where the end is waited for
      launcher.stop().catch(() => {})
    } else if (now - askedAt > SAME_SIGNAL_MS) launcher.hurry()
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, onSignal)
  try {
    const addresses = await launcher.start()
    clearInterval(starting)
    stopTidying = keepLogs({
      dir: dataPaths(config).logs,
      limits: { fileBytes: config.logFileMb * 2 ** 20, days: config.logDays },
      complain: (text) => complain('launcher', text),
    })
    if (askedAt === undefined) {
      onReady(addresses)
      if (manager) {
        manager.tell({ READY: '1', STATUS: 'Runs.' })
        stopBeating = keepBeating({
          manager,
          watched: {
            isGatewayRunning: () => launcher.processes.some(({ name, state }) => name === 'gateway' && state === 'running'),
            areMachinesAtRest: () => launcher.areMachinesAtRest(),
          },
          complain: (text) => complain('launcher', text),
        })
      }
    }
    await asked
    stopBeating?.()
    await launcher.stop()
    return 0
  } catch (error) {
    if (askedAt !== undefined && (error as { code?: unknown }).code === 'stopped') return 0
    console.error(messageOf(error))
    manager?.tell({ STATUS: messageOf(error) })
    return exitCodeOf(error)
  } finally {
    clearInterval(starting)
    stopBeating?.()
    stopTidying?.()
    // what it was told last must arrive while this process is still there
    await manager?.told
    for (const signal of signals) process.off(signal, onSignal)
  }
}

const exitCodeOf = (error: unknown) => (FOR_A_PERSON.includes(String((error as { code?: unknown }).code)) ? EX_CONFIG : 1)

function printAddress({ url, setupUrl, trust }: Addresses): void {
  console.log(`Cellwright runs at ${setupUrl ?? url} (Ctrl-C stops it)`)
  if (trust) console.log(`Panels and other computers: open ${trust.url} on them first. SHA-256 of the authority to trust:\n  ${trust.fingerprint}`)
}

/** Complaints go into the launcher's log, and now and then onto the terminal. */
function complaints(config: Config): (who: string, text: string) => void {
  const { logs } = dataPaths(config)
  const file = join(logs, 'launcher.log')
  const echoedAt = new Map<string, number>()
  let isTurned = false
  let lost = 0
  const lineOf = (who: string, text: string) => `${JSON.stringify({ level: 40, time: new Date().toISOString(), process: 'launcher', about: who, msg: text })}\n`
  return (who, text) => {
    // before the data directory is ours there is nothing to write into
    if (existsSync(logs)) {
      try {
        if (!isTurned) turnOver(file)
        isTurned = true
        const gap = lost ? lineOf('launcher', `${lost} lines before this one are missing: the disk took nothing`) : ''
        appendFileSync(file, gap + lineOf(who, text), { mode: 0o600 })
        lost = 0
      } catch {
        // a full disk must not end the process that keeps all others alive; the terminal gets the line below
        lost += 1
      }
    }
    const now = performance.now()
    if (now - (echoedAt.get(who) ?? Number.NEGATIVE_INFINITY) < ECHO_EVERY_MS) return
    echoedAt.set(who, now)
    console.error(`${who}: ${text}`)
  }
}
