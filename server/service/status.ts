/** How the service is, in words. */
import { DateTime } from 'luxon'
import { addressOf } from './install.ts'
import { installedSettings } from './plan.ts'
import { ask, showUnit } from './systemd.ts'
import { SERVICE } from './unit.ts'

export interface ServiceStatus {
  isInstalled: boolean
  startsAtBoot: boolean
  /** systemd's word: active, activating, deactivating, inactive, failed. */
  state: string
  /** What the service itself says. */
  says?: string
  since?: string
  url?: string
  mainPid?: number
  /** How often systemd started it again since it was started by a person or by the boot. */
  restarts: number
  dataDir: string
  failures: { at: string; text: string }[]
}

/** Ids of systemd's messages (sd-messages(3)): the service ended with a failure. */
const FAILED = 'd9b373ed55a64feb8242e02dbe79a49c'
const MOST_FAILURES = 5

/** Microseconds since 1970, as the journal has them. */
const fromMicros = (text: unknown) => DateTime.fromMillis(Number(text) / 1000).toISO() ?? ''

/** The latest failures, newest first, as the journal has them; none where it may not be read. */
function lastFailures({ isUser }: { isUser: boolean }): ServiceStatus['failures'] {
  const { out } = ask('journalctl', [
    `${isUser ? 'USER_UNIT' : 'UNIT'}=${SERVICE}.service`,
    `MESSAGE_ID=${FAILED}`,
    '-n',
    String(MOST_FAILURES),
    '-r',
    '-o',
    'json',
    '--no-pager',
    '-q',
  ])
  return out
    .split('\n')
    .filter(Boolean)
    .flatMap((line) => {
      try {
        const { MESSAGE, __REALTIME_TIMESTAMP: at } = JSON.parse(line) as Record<string, unknown>
        return [{ at: fromMicros(at), text: String(MESSAGE) }]
      } catch {
        return []
      }
    })
}

/** @throws UserError no-program where there is no systemd */
export function serviceStatus(scope: { isUser: boolean }): ServiceStatus {
  const shown = showUnit(scope, SERVICE, ['LoadState', 'UnitFileState', 'ActiveState', 'StateChangeTimestamp', 'StatusText', 'MainPID', 'NRestarts'])
  const { dataDir } = installedSettings(scope)
  const mainPid = Number(shown.MainPID)
  const url = mainPid > 0 ? addressOf(dataDir) : undefined
  return {
    isInstalled: shown.LoadState === 'loaded',
    startsAtBoot: shown.UnitFileState === 'enabled',
    state: shown.ActiveState ?? 'unknown',
    ...(shown.StatusText ? { says: shown.StatusText } : {}),
    ...(shown.StateChangeTimestamp ? { since: shown.StateChangeTimestamp } : {}),
    ...(url === undefined ? {} : { url }),
    ...(mainPid > 0 ? { mainPid } : {}),
    restarts: Number(shown.NRestarts) || 0,
    dataDir,
    failures: lastFailures(scope),
  }
}

const STATES: Record<string, string> = {
  active: 'It runs',
  activating: 'It is starting',
  deactivating: 'It is stopping: machines are held first',
  inactive: 'It does not run',
  failed: 'It failed, and does not run',
}

export function statusText(status: ServiceStatus): string {
  if (!status.isInstalled) return 'No service is installed: "cellwright service install".'
  const { state, since, says, url, restarts, startsAtBoot, dataDir, failures } = status
  return [
    `${STATES[state] ?? `systemd says "${state}"`}${since ? `, since ${since}` : ''}${url ? `, at ${url}` : ''}.`,
    ...(says ? [`It says: ${says}`] : []),
    startsAtBoot ? 'It starts with the computer.' : 'It does not start with the computer ("cellwright service install" changes that).',
    ...(restarts ? [`It was started again ${restarts} times by itself.`] : []),
    `Data: ${dataDir}`,
    ...(failures.length ? ['Last failures:', ...failures.map(({ at, text }) => `  ${at}  ${text}`)] : []),
  ].join('\n')
}
