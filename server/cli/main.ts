/** The `cellwright` command. What touches the product goes through its API; what is pure computation needs no server. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command, CommanderError } from 'commander'
import { OperationalError, toErrorMessage, UserError } from '../../base/errors.ts'
import { createClient, findAccess } from './client.ts'
import { addFlowCommands } from './commands/flows.ts'
import { addMachineCommands } from './commands/machines.ts'
import { addPeopleCommands } from './commands/people.ts'
import { addRunCommands } from './commands/runs.ts'
import { addServerCommands } from './commands/server.ts'
import type { Shell } from './commands/shell.ts'
import { createOutput } from './output.ts'
import { packageRoot } from './package-root.ts'

const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string }

const program = new Command('cellwright')
  .description('Workflow automation for machine shops. Commands reach the server of this data directory, or CELLWRIGHT_URL with CELLWRIGHT_TOKEN.')
  .version(version)
  .option('--json', 'print one JSON value, for programs')
  .showHelpAfterError('(cellwright --help lists the commands)')
  .configureHelp({ sortSubcommands: true })

const shell: Shell = {
  output: () => createOutput(Boolean(program.opts<{ json?: boolean }>().json)),
  client: () => createClient(findAccess()),
}
for (const add of [addServerCommands, addPeopleCommands, addMachineCommands, addFlowCommands, addRunCommands]) add(program, shell)
// `--json` is understood before and after the command
for (const command of program.commands.flatMap((c) => [c, ...c.commands]))
  if (!command.commands.length) command.option('--json', 'print one JSON value').on('option:json', () => program.setOptionValue('json', true))

try {
  await program.exitOverride().parseAsync()
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode
  else {
    const { code, message, details } = toErrorMessage(error)
    const isKnown = error instanceof UserError || error instanceof OperationalError
    if (program.opts<{ json?: boolean }>().json)
      process.stdout.write(`${JSON.stringify({ error: { code, message, ...(details === undefined ? {} : { details }) } })}\n`)
    else process.stderr.write(`${isKnown ? message : error instanceof Error ? error.stack : message}\n`)
    process.exitCode = error instanceof UserError ? 2 : 1
  }
}
