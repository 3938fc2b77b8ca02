/**
 * The `cellwright` command. What touches the product goes through its API; what is pure computation needs
 * no server. Exit codes: 0 it was done, 1 the world failed, 2 the person can put it right.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command, CommanderError } from 'commander'
import { OperationalError, toErrorMessage, UserError } from '../../base/errors.ts'
import { createClient, findAccess } from './client.ts'
import { addAuditCommands } from './commands/audit.ts'
import { addBackupCommands } from './commands/backup.ts'
import { addCapabilityCommand } from './commands/capability.ts'
import { addConnectionCommands } from './commands/connections.ts'
import { addDoctorCommands } from './commands/doctor.ts'
import { addEnvironmentCommands } from './commands/environment.ts'
import { addFlowCommands } from './commands/flows.ts'
import { addGageCommand } from './commands/gage.ts'
import { addHostCommands } from './commands/hosts.ts'
import { addJobCommands } from './commands/jobs.ts'
import { addJournalCommands } from './commands/journal.ts'
import { addMachineCommands } from './commands/machines.ts'
import { addMoveInCommands } from './commands/move-in.ts'
import { addNotificationCommands } from './commands/notifications.ts'
import { addPaletteCommands } from './commands/palette.ts'
import { addPeopleCommands } from './commands/people.ts'
import { addProgramCommands } from './commands/programs.ts'
import { addRunCommands } from './commands/runs.ts'
import { addSamplingCommand } from './commands/sampling.ts'
import { addServerCommands } from './commands/server.ts'
import { addServiceCommands } from './commands/service.ts'
import { addSignInCommands } from './commands/sign-in.ts'
import { addSpcCommand } from './commands/spc.ts'
import { addStepCommands } from './commands/steps.ts'
import { addTemplateCommands } from './commands/templates.ts'
import { addTriggerCommands } from './commands/triggers.ts'
import { addTrustCommands } from './commands/trust.ts'
import { createOutput } from './output.ts'
import { packageRoot } from './package-root.ts'

const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string }
const args = process.argv.slice(2)
const end = args.indexOf('--')
/** Asked of the words themselves: a mistake in the others is told as JSON too. */
const isJson = args.slice(0, end < 0 ? args.length : end).includes('--json')
const output = createOutput(isJson)
/** What the argument parser wanted to print, with `--json`. */
let said = ''

// a reader that went away (`| head`, a closed terminal) must not end us: a machine may be moving
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

const program = new Command('cellwright')
  .description('Workflow automation for machine shops. Commands reach the server of this data directory, or CELLWRIGHT_URL with CELLWRIGHT_TOKEN.')
  .version(version)
  .option('--json', 'print one JSON value, for programs; errors too: {"error": {"code", "message"}}')
  .showHelpAfterError('(--help tells how it is used)')
  .configureHelp({ sortSubcommands: true })
  // before the commands are added: they take it over
  .exitOverride()
if (isJson)
  program.configureOutput({
    writeOut: (text) => {
      said += text
    },
    writeErr: () => {},
  })
program.addHelpText('after', '\nExit codes: 0 done, 1 it failed (a retry may help), 2 something is to be put right first.')

const shell = { output: () => output, client: () => createClient(findAccess) }
for (const add of [
  addServerCommands,
  addDoctorCommands,
  addServiceCommands,
  addBackupCommands,
  addPeopleCommands,
  addSignInCommands,
  addMachineCommands,
  addHostCommands,
  addProgramCommands,
  addSpcCommand,
  addCapabilityCommand,
  addGageCommand,
  addSamplingCommand,
  addJobCommands,
  addJournalCommands,
  addFlowCommands,
  addRunCommands,
  addStepCommands,
  addTemplateCommands,
  addTriggerCommands,
  addTrustCommands,
  addConnectionCommands,
  addNotificationCommands,
  addEnvironmentCommands,
  addPaletteCommands,
  addMoveInCommands,
  addAuditCommands,
])
  add(program, shell)
for (const command of program.commands.flatMap((c) => [c, ...c.commands])) if (!command.commands.length) command.option('--json', 'print one JSON value')

function tellUsage(error: CommanderError): void {
  if (error.exitCode === 0) {
    if (isJson) output.result(error.code === 'commander.version' ? { version } : { help: said }, '')
    return
  }
  process.exitCode = 2
  const words = error.message.replace(/^error: /, '').replace(/\.$/, '')
  const message = error.code === 'commander.help' ? 'Say which command. --help lists them.' : `${words.charAt(0).toUpperCase()}${words.slice(1)}.`
  if (isJson) output.result({ error: { code: 'usage', message } }, '')
}

/** What each node of refused flows lacks, below the message. */
function listed(details: unknown): string {
  const { problems } = (details ?? {}) as { problems?: { message?: unknown }[] }
  if (!Array.isArray(problems) || problems.length < 2) return ''
  const lines = problems.slice(0, 20).map(({ message }) => `\n  ${String(message)}`)
  return `${lines.join('')}${problems.length > 20 ? `\n  and ${problems.length - 20} more` : ''}`
}

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) tellUsage(error)
  else {
    const { code, message, details } = toErrorMessage(error)
    const isKnown = error instanceof UserError || error instanceof OperationalError
    process.exitCode = error instanceof UserError ? 2 : 1
    if (isJson) output.result({ error: { code, message, ...(details === undefined ? {} : { details }) } }, '')
    else process.stderr.write(`${isKnown ? message + listed(details) : error instanceof Error ? error.stack : message}\n`)
  }
}
