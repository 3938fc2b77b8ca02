/** `cellwright palette …`: the modules with node types of this host. */
import type { Command } from 'commander'
import { getPalette, installModule, type PaletteView, removeModule } from '../../api/index.ts'
import type { Shell } from './shell.ts'

const RESTART = 'Something counts only once the flow runtime has started anew.'

function words({ modules, allowed, needsRestart }: PaletteView): string {
  const lines = modules?.map(({ name, version, pending, origin, sets, uses }) => {
    const used = uses.reduce((sum, { count }) => sum + count, 0)
    const problems = sets.flatMap(({ problem }) => (problem ? [`\n    ${problem}`] : []))
    return `${name} ${version}${pending ? ` (${pending} after a restart)` : ''}: ${origin}, ${sets.flatMap(({ types }) => types).length} node types, ${used} nodes in running flows${problems.join('')}`
  }) ?? ['The flow runtime does not answer just now.']
  return [...lines, '', `May be installed: ${allowed.map(({ module }) => module).join(', ')}`, ...(needsRestart ? [RESTART] : [])].join('\n')
}

export function addPaletteCommands(program: Command, { client, output }: Shell): void {
  const palette = program.command('palette').description('modules with node types: what is installed, installing, removing')
  palette
    .command('list')
    .description('tells what is installed, what it needs, and what may be installed')
    .action(async () => {
      const view = await client().call(getPalette, {})
      output().result(view, words(view))
    })
  palette
    .command('install <module>')
    .description('installs a module that is allowed, as name or name@version')
    .action(async (given: string) => {
      const [, module = given, version] = /^(@?[^@]+)(?:@(.+))?$/.exec(given) ?? []
      const view = await client().call(installModule, { body: { module, ...(version ? { version } : {}) } }, { timeoutMs: 600_000 })
      output().result(view, `${module} is installed.${view.needsRestart ? ` ${RESTART}` : ''}`)
    })
  palette
    .command('remove <module>')
    .description('removes a module that no running flow uses')
    .action(async (module: string) => {
      const view = await client().call(removeModule, { params: { module } }, { timeoutMs: 600_000 })
      output().result(view, `${module} is removed.`)
    })
}
