/** `cellwright service install|remove|status|logs`. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import type { Command } from 'commander'
import { UserError } from '../../../base/errors.ts'
import { install, remove } from '../../service/install.ts'
import { checkPath, checkPlace } from '../../service/place.ts'
import { installedSettings, makePlan } from '../../service/plan.ts'
import { serviceStatus, statusText } from '../../service/status.ts'
import { inForeground, journalOf, mustHaveSystemd } from '../../service/systemd.ts'
import { SERVICE } from '../../service/unit.ts'
import { packageRoot } from '../package-root.ts'
import { numberFrom, type Shell } from './shell.ts'

interface InstallOptions {
  user?: true
  dryRun?: true
  /** `--no-start` */
  start: boolean
  host?: string
  port?: number
  data?: string
}

const USER_OPTION = ['--user', 'the service of the user who runs this, instead of one of the whole computer'] as const

export function addServiceCommands(program: Command, shell: Shell): void {
  const service = program
    .command('service')
    .description('runs Cellwright as a service of this computer: starts with it, is started again after a failure (systemd)')
  addInstall(service, shell)
  addRemove(service, shell)
  service
    .command('status')
    .description('how the service is: since when, where, its last failures')
    .option(...USER_OPTION)
    .action(({ user }: { user?: true }) => {
      mustHaveSystemd()
      const status = serviceStatus({ isUser: user === true })
      shell.output().result(status, statusText(status))
      if (status.state !== 'active') process.exitCode = 1
    })
  service
    .command('logs [process]')
    .description('what the service said (journal), or the log file of one process: launcher, gateway, runtime, connector-host, postgres, guard-<machine>')
    .option(...USER_OPTION)
    .option('-f, --follow', 'goes on with what comes, until Ctrl-C')
    .option('-n, --lines <count>', 'how many lines', numberFrom({ min: 1, max: 100_000, isWhole: true }), 100)
    .action(async (name: string | undefined, { user, follow, lines }: { user?: true; follow?: true; lines: number }) => {
      const scope = { isUser: user === true }
      if (name === undefined) {
        mustHaveSystemd()
        process.exitCode = await inForeground('journalctl', [
          ...journalOf(scope, SERVICE),
          '-n',
          String(lines),
          '--no-pager',
          '-o',
          'short-iso',
          ...(follow ? ['-f'] : []),
        ])
        return
      }
      const file = logFileOf(installedSettings(scope).dataDir, name)
      process.exitCode = await inForeground('tail', ['-n', String(lines), ...(follow ? ['-F'] : []), '--', file])
    })
}

/** @throws UserError no-such-log */
function logFileOf(dataDir: string, name: string): string {
  const file = join(dataDir, 'logs', `${name.replace(':', '-')}.log`)
  if (/^[a-z0-9:_-]+$/i.test(name) && existsSync(file)) return file
  throw new UserError({ code: 'no-such-log', message: `There is no log of "${name}" in ${join(dataDir, 'logs')}, or only root may see it.` })
}

function addInstall(service: Command, { output }: Shell): void {
  service
    .command('install')
    .description('makes the service, or brings it to what this program and the options say; one that runs is not restarted')
    .option(...USER_OPTION)
    .option('--dry-run', 'prints the unit and changes nothing')
    .option('--no-start', 'does not start it now')
    .option('--host <address>', 'CELLWRIGHT_HOST in the environment file: 0.0.0.0 lets other computers in')
    .option('--port <number>', 'CELLWRIGHT_PORT; one below 1024 is possible', numberFrom({ min: 1, max: 65_535, isWhole: true }))
    .option('--data <folder>', 'CELLWRIGHT_DATA: where database, files, keys, journals and logs are')
    .action((options: InstallOptions) => {
      const isUser = options.user === true
      const settings = {
        ...(options.host === undefined ? {} : { CELLWRIGHT_HOST: options.host }),
        ...(options.port === undefined ? {} : { CELLWRIGHT_PORT: String(options.port) }),
        ...(options.data === undefined ? {} : { CELLWRIGHT_DATA: options.data }),
      }
      const here = { root: packageRoot(), node: process.execPath }
      if (options.dryRun) {
        const plan = makePlan({ isUser, ...here, settings })
        output().result(plan, `${plan.unitText.trimEnd()}\n\n# ${plan.unitFile}; settings in ${plan.envFile}; data in ${plan.dataDir}. Nothing was changed.`)
        return
      }
      mustHaveSystemd()
      for (const path of Object.values(here)) checkPath(path)
      const place = isUser ? here : checkPlace(here)
      const installed = install(makePlan({ isUser, ...place, settings }), { isStarted: options.start })
      const { steps, url, state, needsRestart, envFile, dataDir } = installed
      output().result(
        installed,
        [
          `The service is ${steps.length ? `installed: ${steps.join(', ')}.` : 'as it should be; nothing was changed.'}`,
          `Settings: ${envFile}. Data: ${dataDir}.`,
          ...(needsRestart ? [`It runs with what was there before. When no machine works: systemctl${isUser ? ' --user' : ''} restart ${SERVICE}.`] : []),
          ...(state === 'active' && url ? [`It runs at ${url}.`] : []),
        ].join('\n'),
      )
    })
}

function addRemove(service: Command, { output }: Shell): void {
  service
    .command('remove')
    .description('ends the service (machines are held first) and takes it away; data and settings stay')
    .option(...USER_OPTION)
    .option('--purge-data', 'deletes the data, too: database, programs, keys, journals; asked a second time')
    .option('--confirm <folder>', 'the second yes to --purge-data, where nobody can be asked: the data directory')
    .action(async ({ user, purgeData, confirm }: { user?: true; purgeData?: true; confirm?: string }) => {
      mustHaveSystemd()
      const scope = { isUser: user === true }
      if (purgeData) await confirmPurge(installedSettings(scope).dataDir, confirm)
      const { steps, dataDir } = remove(scope, { purges: purgeData === true })
      output().result({ steps, dataDir }, `${steps.join('\n')}${purgeData ? '' : `\nData stays in ${dataDir}.`}`)
    })
}

/** @throws UserError purge-not-confirmed */
async function confirmPurge(dataDir: string, confirmed: string | undefined): Promise<void> {
  let answer = confirmed
  if (answer === undefined && process.stdin.isTTY) {
    const asking = createInterface({ input: process.stdin, output: process.stderr })
    answer = await asking.question(`Everything in ${dataDir} will be gone: database, programs, keys, journals. Type its path to delete it: `)
    asking.close()
  }
  if (answer?.trim() !== dataDir)
    throw new UserError({ code: 'purge-not-confirmed', message: `Nothing was removed. To delete the data: --purge-data --confirm ${dataDir}` })
}
