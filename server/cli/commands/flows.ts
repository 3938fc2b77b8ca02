/** `cellwright flow list|import|export|deploy`. */
import { readFile, writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { messageOf, UserError } from '../../../base/errors.ts'
import { deployFlows, type FlowNode, getFlows } from '../../api/index.ts'
import type { Shell } from './shell.ts'

async function readFlows(file: string): Promise<FlowNode[]> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    throw new UserError({ code: 'file-unreadable', message: `${file} cannot be read: ${messageOf(error)}` })
  }
  try {
    const flows: unknown = JSON.parse(text)
    if (!Array.isArray(flows)) throw new Error('it must be an array of nodes')
    return flows as FlowNode[]
  } catch (error) {
    throw new UserError({ code: 'flows-invalid', message: `${file} is not flow JSON: ${messageOf(error)}` })
  }
}

export function addFlowCommands(program: Command, { client, output }: Shell): void {
  const flow = program.command('flow').description('flows')
  flow
    .command('list')
    .description('lists the deployed flows (tabs)')
    .action(async () => {
      const { flows } = await client().call(getFlows, {})
      const tabs = flows.filter((node) => node.type === 'tab') as FlowNode[]
      output().table(
        tabs.map((tab) => ({
          id: tab.id,
          label: String(tab.label ?? ''),
          isDisabled: tab.disabled === true,
          nodes: flows.filter((node) => (node as FlowNode).z === tab.id).length,
        })),
        { ID: (t) => t.id, NAME: (t) => t.label, NODES: (t) => t.nodes, STATE: (t) => (t.isDisabled ? 'disabled' : 'enabled') },
        'No flow yet.',
      )
    })
  flow
    .command('export [file]')
    .description('writes the deployed flows as Node-RED flow JSON to a file, or prints them')
    .action(async (file?: string) => {
      const { flows, rev } = await client().call(getFlows, {})
      const text = JSON.stringify(flows, null, 2)
      if (!file) return output().result(flows, text)
      await writeFile(file, `${text}\n`)
      output().result({ file, rev, nodes: flows.length }, `${flows.length} nodes written to ${file}.`)
    })
  flow
    .command('import <file>')
    .description('adds the nodes of a flow JSON file to the deployed flows, with new ids, and deploys')
    .option('--comment <text>', 'kept with the version')
    .action(async (file: string, options: { comment?: string }) => {
      const api = client()
      const added = withNewIds(await readFlows(file))
      const { flows, rev } = await api.call(getFlows, {})
      const made = await api.call(deployFlows, {
        body: { flows: [...flows, ...added], rev, kind: 'nodes', ...(options.comment ? { comment: options.comment } : {}) },
      })
      output().result({ ...made, added: added.length }, `${added.length} nodes added and deployed (version ${made.versionId}).`)
    })
  flow
    .command('deploy <file>')
    .description('replaces the deployed flows by a flow JSON file')
    .option('--rev <rev>', 'deploy only over this revision; without it the deploy is forced')
    .option('--comment <text>', 'kept with the version')
    .action(async (file: string, options: { rev?: string; comment?: string }) => {
      const made = await client().call(deployFlows, {
        body: {
          flows: await readFlows(file),
          kind: 'full',
          ...(options.rev ? { rev: options.rev } : {}),
          ...(options.comment ? { comment: options.comment } : {}),
        },
      })
      output().result(made, `Deployed (version ${made.versionId}, revision ${made.rev}).`)
    })
}

/** Gives every node a new id and follows it through wires, tabs, groups and config references, so that an import never overwrites. */
function withNewIds(nodes: FlowNode[]): FlowNode[] {
  const fresh = new Map(nodes.map((node) => [node.id, crypto.randomUUID().replaceAll('-', '').slice(0, 16)]))
  const replace = (value: unknown): unknown => {
    if (typeof value === 'string')
      return fresh.get(value) ?? (value.startsWith('subflow:') && fresh.has(value.slice(8)) ? `subflow:${fresh.get(value.slice(8))}` : value)
    if (Array.isArray(value)) return value.map(replace)
    if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, replace(inner)]))
    return value
  }
  return nodes.map((node) => replace(node) as FlowNode)
}
