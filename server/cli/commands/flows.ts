/** `cellwright flow list|import|export|deploy|test`. */
import { writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { UserError } from '../../../base/errors.ts'
import { deployFlows, type FlowNode, getFlows, listNodeTypes, type RuntimeState } from '../../api/index.ts'
import { referencesOf, withNewIds } from '../../templates/new-ids.ts'
import { fileProblem, readJsonFile } from '../files.ts'
import { addFlowTestCommand } from './flow-tests.ts'
import type { Shell } from './shell.ts'

const invalid = (file: string, reason: string) => new UserError({ code: 'flows-invalid', message: `${file} is not flow JSON: ${reason}` })

/** @throws UserError file-missing, file-unusable, file-not-json, flows-invalid */
async function readFlows(file: string): Promise<FlowNode[]> {
  const flows = await readJsonFile(file)
  if (!Array.isArray(flows)) throw invalid(file, 'it must be an array of nodes, as "flow export" writes it.')
  for (const [index, node] of (flows as unknown[]).entries()) {
    const { id, type } = (typeof node === 'object' && node !== null ? node : {}) as { id?: unknown; type?: unknown }
    if (typeof id !== 'string' || !id || typeof type !== 'string' || !type) throw invalid(file, `entry ${index + 1} is no node with an "id" and a "type".`)
  }
  return flows as FlowNode[]
}

function runtimeNote({ process, flows, text }: RuntimeState): string | undefined {
  if (process === 'running' && flows === 'running') return undefined
  return text ?? (process === 'running' ? `The flows are not running: ${flows}.` : `The flow runtime is ${process}.`)
}

export function addFlowCommands(program: Command, shell: Shell): void {
  const { client, output } = shell
  const flow = program.command('flow').description('flows')
  addFlowTestCommand(flow, shell, readFlows)
  flow
    .command('list')
    .description('lists the deployed flows (tabs)')
    .action(async () => {
      const { flows, runtime } = await client().call(getFlows, {})
      const nodes = flows as FlowNode[]
      const tabs = nodes
        .filter((node) => node.type === 'tab')
        .map((tab) => ({
          id: tab.id,
          label: String(tab.label ?? ''),
          isDisabled: tab.disabled === true,
          nodes: nodes.filter((node) => node.z === tab.id).length,
        }))
      output().table(
        tabs,
        { ID: (t) => t.id, NAME: (t) => t.label, NODES: (t) => t.nodes, STATE: (t) => (t.isDisabled ? 'disabled' : 'enabled') },
        'No flow yet.',
      )
      const note = tabs.length ? runtimeNote(runtime) : undefined
      if (note) output().note(note)
    })
  flow
    .command('export [file]')
    .description('writes the deployed flows as Node-RED flow JSON to a file, or prints them')
    .action(async (file?: string) => {
      const { flows, rev } = await client().call(getFlows, {})
      const text = JSON.stringify(flows, null, 2)
      if (!file) return output().result(flows, text)
      await writeFile(file, `${text}\n`).catch((error: unknown) => {
        throw fileProblem(file, error, 'write')
      })
      output().result({ file, rev, nodes: flows.length }, `${flows.length} nodes written to ${file}.`)
    })
  flow
    .command('import <file>')
    .description('adds the nodes of a flow JSON file to the deployed flows, with new ids, and deploys')
    .option('--comment <text>', 'kept with the version')
    .action(async (file: string, { comment }: { comment?: string }) => {
      const given = await readFlows(file)
      const api = client()
      const added = withNewIds(given, referencesOf(await api.call(listNodeTypes, {})))
      const { flows, rev } = await api.call(getFlows, {})
      const made = await api.call(deployFlows, { body: { flows: [...flows, ...added], rev, kind: 'nodes', ...(comment ? { comment } : {}) } })
      output().result({ ...made, added: added.length }, `${added.length} nodes added and deployed (version ${made.versionId}).`)
    })
  flow
    .command('deploy <file>')
    .description('replaces the deployed flows by a flow JSON file; flow tests that have to pass run first')
    .option('--rev <rev>', 'deploy only over this revision; without it the deploy is forced')
    .option('--comment <text>', 'kept with the version')
    .option('--untested <reason>', 'deploy although flow tests that have to pass may fail; the reason is kept in the audit log')
    .action(async (file: string, { rev, comment, untested }: { rev?: string; comment?: string; untested?: string }) => {
      const flows = await readFlows(file)
      const more = { ...(rev ? { rev } : {}), ...(comment ? { comment } : {}), ...(untested ? { untested: { reason: untested } } : {}) }
      const made = await client().call(deployFlows, { body: { flows, kind: 'full', ...more } })
      output().result(made, `Deployed (version ${made.versionId}, revision ${made.rev}).`)
    })
}
