/** `cellwright start`, `config`, `demo`. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import { OperationalError, UserError } from '../../../base/errors.ts'
import { getSystem } from '../../api/index.ts'
import { readConfig, SETTINGS } from '../../config.ts'
import type { LaunchOptions } from '../../launcher/main.ts'
import { runDemo } from '../demo.ts'
import { packageRoot } from '../package-root.ts'
import type { Shell } from './shell.ts'

async function readPackage(): Promise<{ version: string }> {
  return JSON.parse(await readFile(join(packageRoot(), 'package.json'), 'utf8')) as { version: string }
}

/** What the running server says of itself; undefined where none answers us. */
async function serverVersion(client: Shell['client']): Promise<{ version: string; schema: { newest: string; at: string } } | undefined> {
  try {
    const { version, schema } = await client().call(getSystem, {}, { timeoutMs: 5000 })
    return { version, schema }
  } catch (error) {
    // stopped, or of a version that does not tell: the program's own facts are told all the same
    if (error instanceof UserError || error instanceof OperationalError) return undefined
    throw error
  }
}

export function addServerCommands(program: Command, { output, client }: Shell): void {
  program
    .command('start')
    .description('runs the server until Ctrl-C; settings come from the environment, "cellwright config" lists them')
    .action(async () => {
      // a wrong setting is told as every mistake of the command line is
      readConfig()
      const root = packageRoot()
      const { launch } = (await import(join(root, 'dist', 'launcher.js'))) as { launch: (options: LaunchOptions) => Promise<number> }
      const out = output()
      process.exitCode = await launch({ args: [], node: process.execPath, root, ...(out.isJson ? { onReady: (addresses) => out.result(addresses, '') } : {}) })
    })
  program
    .command('version')
    .description('this program and the newest schema that it knows; those of the running server, where there is one')
    .action(async () => {
      const [{ version }, { MIGRATIONS }] = await Promise.all([readPackage(), import('../../store/migrations/index.ts')])
      const schema = Object.keys(MIGRATIONS).sort().at(-1) ?? ''
      const server = await serverVersion(client)
      output().result(
        { version, schema, node: process.versions.node, ...(server ? { server } : {}) },
        [
          `Cellwright ${version}, schema ${schema}, Node ${process.versions.node}`,
          server
            ? `The server runs ${server.version}, its database has schema ${server.schema.newest} since ${server.schema.at}.`
            : 'No server of this data directory answers.',
        ].join('\n'),
      )
    })
  program
    .command('config')
    .description('lists every setting, its value here, and its meaning')
    .action(() => {
      const config = readConfig() as Record<string, unknown>
      const rows = Object.entries(SETTINGS).map(([name, setting]) => {
        const isSet = Boolean(process.env[setting.env])
        const value = config[name]
        return {
          name,
          env: setting.env,
          value: 'isSecret' in setting && value !== undefined ? '(set, not shown)' : (value ?? null),
          default: setting.defaultText,
          isSet,
          meaning: setting.meaning,
        }
      })
      output().table(rows, { VARIABLE: (r) => r.env, VALUE: (r) => String(r.value ?? '(not set)'), DEFAULT: (r) => r.default, MEANING: (r) => r.meaning }, '')
    })
  program
    .command('demo')
    .description('runs the whole demo job on a temporary data directory: work order, press, program, check, confirmation; always prints JSON')
    .option('--keep', 'keep the whole temporary data directory')
    .action(async ({ keep }: { keep?: boolean }) => {
      process.exitCode = await runDemo({ root: packageRoot(), keep: Boolean(keep), tell: (text) => process.stderr.write(`${text}\n`) })
    })
}
