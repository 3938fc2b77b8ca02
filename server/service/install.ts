/** Installs the service, and takes it away again. Doing it twice is the same as once. */
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { UserError } from '../../base/errors.ts'
import { filesOf, installedSettings, type Plan } from './plan.ts'
import { ask, must, showUnit, systemctl } from './systemd.ts'
import { SERVICE } from './unit.ts'

export interface Installed {
  unit: string
  envFile: string
  dataDir: string
  /** What was done, in order, for people. */
  steps: string[]
  state: string
  url?: string
  /** It runs with what was installed before. */
  needsRestart: boolean
}

/** @throws UserError service-needs-root */
function mustBeRoot(what: string): void {
  if (process.getuid?.() === 0) return
  throw new UserError({
    code: 'service-needs-root',
    message: `Only root ${what} a service of the whole computer: try it with sudo. "--user" makes one of your own, which starts with the computer when systemd lets it (loginctl enable-linger).`,
  })
}

/** Writes a file whole, or leaves the old one; true when it is another one now. */
function put(file: string, text: string, mode: number, group?: number): boolean {
  const isNew = !existsSync(file) || readFileSync(file, 'utf8') !== text
  if (isNew) {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(`${file}.new`, text, { mode })
    renameSync(`${file}.new`, file)
  }
  chmodSync(file, mode)
  if (group !== undefined) chownSync(file, 0, group)
  return isNew
}

/** Uid and group id of a user of the system; made when there is none of that name. */
function systemUser(name: string, home: string, steps: string[]): { uid: number; gid: number } {
  const found = () => ask('getent', ['passwd', name]).out.trim().split(':')
  if (!found()[2]) {
    must('useradd', ['--system', '--user-group', '--home-dir', home, '--no-create-home', '--shell', '/usr/sbin/nologin', '--comment', 'Cellwright', name])
    steps.push(`made the user ${name}`)
  }
  const [, , uid, gid] = found()
  return { uid: Number(uid), gid: Number(gid) }
}

/** The folder of the data, for the service's user alone. @throws UserError service-files */
function giveDataDir(dataDir: string, { uid, gid }: { uid: number; gid: number }): void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const { uid: owner } = statSync(dataDir)
  if (owner === uid) return
  // data of somebody who ran it by hand: all of it has to change hands, and that is a person's decision
  if (existsSync(join(dataDir, 'postgres')) || existsSync(join(dataDir, 'keys')))
    throw new UserError({
      code: 'service-files',
      message: `${dataDir} holds data of another user (number ${owner}). To let the service go on with it: stop what runs there, "sudo chown -R ${SERVICE}:${SERVICE} ${dataDir}", and install again.`,
    })
  chownSync(dataDir, uid, gid)
}

/**
 * Does what a plan says: user, folders, files, start at boot, and the start itself.
 * A service that runs is never restarted: its machines may be at work.
 * @throws UserError service-needs-root, service-files; OperationalError service-command-failed
 */
export function install(plan: Plan, { isStarted }: { isStarted: boolean }): Installed {
  const scope = { isUser: plan.isUser }
  if (!plan.isUser) mustBeRoot('installs')
  const steps: string[] = []
  const owner = plan.user === undefined ? undefined : systemUser(plan.user, plan.dataDir, steps)
  if (owner) giveDataDir(plan.dataDir, owner)
  else mkdirSync(plan.dataDir, { recursive: true, mode: 0o700 })
  const isOtherEnv = put(plan.envFile, plan.envText, owner ? 0o640 : 0o600, owner?.gid)
  if (isOtherEnv) steps.push(`wrote ${plan.envFile}`)
  const isOtherUnit = put(plan.unitFile, plan.unitText, 0o644)
  if (isOtherUnit) steps.push(`wrote ${plan.unitFile}`)
  systemctl(scope, 'daemon-reload')
  if (showUnit(scope, SERVICE, ['UnitFileState']).UnitFileState !== 'enabled') {
    systemctl(scope, 'enable', SERVICE)
    steps.push('starts with the computer from now on')
  }
  if (plan.isUser) letLinger(steps)
  const state = () => showUnit(scope, SERVICE, ['ActiveState']).ActiveState ?? 'unknown'
  const wasRunning = state() === 'active'
  if (!wasRunning && isStarted) {
    ask('systemctl', [...(scope.isUser ? ['--user'] : []), 'reset-failed', SERVICE])
    startOrSay(scope)
    steps.push('started')
  }
  const url = setupAddress(scope) ?? addressOf(plan.dataDir)
  return {
    unit: plan.unitFile,
    envFile: plan.envFile,
    dataDir: plan.dataDir,
    steps,
    state: state(),
    ...(url === undefined ? {} : { url }),
    needsRestart: wasRunning && (isOtherEnv || isOtherUnit),
  }
}

/** @throws UserError service-does-not-start with the service's own words */
function startOrSay(scope: { isUser: boolean }): void {
  const { code } = ask('systemctl', [...(scope.isUser ? ['--user'] : []), 'start', SERVICE])
  if (code === 0) return
  const { StatusText } = showUnit(scope, SERVICE, ['StatusText'])
  throw new UserError({
    code: 'service-does-not-start',
    message: `The service is installed, but does not start${StatusText ? `: ${StatusText}` : '.'} "cellwright service status" and "cellwright service logs" say more.`,
  })
}

/** A user's services start at boot only when the user may linger. */
function letLinger(steps: string[]): void {
  const { username } = userInfo()
  if (existsSync(`/var/lib/systemd/linger/${username}`)) return
  const { code } = ask('loginctl', ['enable-linger'])
  steps.push(
    code === 0
      ? 'runs also while you are not signed in'
      : `starts when you sign in, and ends when you sign out: "sudo loginctl enable-linger ${username}" lets it start with the computer`,
  )
}

/** Where the server of a data directory listens; undefined while none does. */
export function addressOf(dataDir: string): string | undefined {
  try {
    const { url } = JSON.parse(readFileSync(join(dataDir, 'instance.json'), 'utf8')) as { url?: unknown }
    return typeof url === 'string' ? url : undefined
  } catch {
    return undefined
  }
}

/** The address of a first start, with the code that lets its reader make the first account; undefined when there is one, or another start came since. */
function setupAddress({ isUser }: { isUser: boolean }): string | undefined {
  const { InvocationID: id } = showUnit({ isUser }, SERVICE, ['InvocationID'])
  if (!id) return undefined
  const { out } = ask('journalctl', [...(isUser ? ['--user'] : []), `_SYSTEMD_INVOCATION_ID=${id}`, '-o', 'cat', '--no-pager', '-q'])
  return /runs at (\S+\/setup\?code=\S+)/.exec(out)?.[1]
}

/**
 * Ends the service and takes its unit away. Data, settings and the user stay, unless the data is to go.
 * @throws UserError service-needs-root, service-files; OperationalError service-command-failed
 */
export function remove(scope: { isUser: boolean }, { purges }: { purges: boolean }): { steps: string[]; dataDir: string } {
  if (!scope.isUser) mustBeRoot('removes')
  const { unitFile, envFile } = filesOf(scope)
  const { dataDir } = installedSettings(scope)
  const steps: string[] = []
  // a mistake in the environment file must not delete somebody else's folder
  if (purges && existsSync(dataDir) && !existsSync(join(dataDir, 'keys')))
    throw new UserError({
      code: 'service-files',
      message: `${dataDir} (CELLWRIGHT_DATA in ${envFile}) does not look like data of Cellwright: nothing was removed.`,
    })
  if (existsSync(unitFile)) {
    // machines are held first; this waits until everything has ended
    systemctl(scope, 'disable', '--now', SERVICE)
    rmSync(unitFile)
    systemctl(scope, 'daemon-reload')
    ask('systemctl', [...(scope.isUser ? ['--user'] : []), 'reset-failed', SERVICE])
    steps.push('stopped, and no longer starts with the computer', `removed ${unitFile}`)
  } else steps.push('no service was installed')
  if (purges) {
    for (const path of [dataDir, `/var/cache/${SERVICE}`, `/run/${SERVICE}`].slice(0, scope.isUser ? 1 : 3)) rmSync(path, { recursive: true, force: true })
    rmSync(envFile, { force: true })
    steps.push(`deleted ${dataDir} and ${envFile}`)
  }
  return { steps, dataDir }
}
