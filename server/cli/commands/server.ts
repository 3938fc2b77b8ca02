/** `cellwright start`, `config`, `demo`. */
import { join } from 'node:path'
import type { Command } from 'commander'
import { readConfig, SETTINGS } from '../../config.ts'
import type { LaunchOptions } from '../../launcher/main.ts'
import { runDemo } from '../demo.ts'
import { packageRoot } from '../package-root.ts'
import type { Shell } from './shell.ts'

export function addServerCommands(program: Command, { output }: Shell): void {
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
