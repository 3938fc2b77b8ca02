/** `cellwright flow list|import|export|deploy`. */
import { writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { UserError } from '../../../base/errors.ts'
import { deployFlows, type FlowNode, getFlows, listNodeTypes, type NodeType, type RuntimeState } from '../../api/index.ts'
import { fileProblem, readJsonFile } from '../files.ts'
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

export function addFlowCommands(program: Command, { client, output }: Shell): void {
  const flow = program.command('flow').description('flows')
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
      const added = withNewIds(given, await api.call(listNodeTypes, {}))
      const { flows, rev } = await api.call(getFlows, {})
      const made = await api.call(deployFlows, { body: { flows: [...flows, ...added], rev, kind: 'nodes', ...(comment ? { comment } : {}) } })
      output().result({ ...made, added: added.length }, `${added.length} nodes added and deployed (version ${made.versionId}).`)
    })
  flow
    .command('deploy <file>')
    .description('replaces the deployed flows by a flow JSON file')
    .option('--rev <rev>', 'deploy only over this revision; without it the deploy is forced')
    .option('--comment <text>', 'kept with the version')
    .action(async (file: string, { rev, comment }: { rev?: string; comment?: string }) => {
      const flows = await readFlows(file)
      const made = await client().call(deployFlows, { body: { flows, kind: 'full', ...(rev ? { rev } : {}), ...(comment ? { comment } : {}) } })
      output().result(made, `Deployed (version ${made.versionId}, revision ${made.rev}).`)
    })
}

/** Where the flow format itself holds ids, whatever the type of the node. */
const HOLDS_IDS = new Set(['id', 'z', 'g', 'wires', 'links', 'scope', 'nodes', 'in', 'out', 'status', 'env'])
const SUBFLOW = 'subflow:'

/**
 * Gives every node a new id and follows it through wires, tabs, groups and config references, so that an
 * import never overwrites. Other texts that happen to read like an id (a machine's, a topic) stay.
 */
function withNewIds(nodes: readonly FlowNode[], types: readonly Pick<NodeType, 'type' | 'references'>[]): FlowNode[] {
  const fresh = new Map(nodes.map((node) => [node.id, crypto.randomUUID().replaceAll('-', '').slice(0, 16)]))
  const references = new Map(types.map((type) => [type.type, type.references ?? {}]))
  const replace = (value: unknown): unknown => {
    if (typeof value === 'string') return fresh.get(value) ?? value
    if (Array.isArray(value)) return value.map(replace)
    if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, replace(inner)]))
    return value
  }
  const subflowType = (type: string) => (type.startsWith(SUBFLOW) ? `${SUBFLOW}${fresh.get(type.slice(SUBFLOW.length)) ?? type.slice(SUBFLOW.length)}` : type)
  return nodes.map((node) => {
    const own = references.get(node.type) ?? {}
    const entries = Object.entries(node).map(([key, value]) => [key, HOLDS_IDS.has(key) || Object.hasOwn(own, key) ? replace(value) : value])
    return { ...Object.fromEntries(entries), type: subflowType(node.type) } as FlowNode
  })
}
