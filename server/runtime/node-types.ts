/** The palette: every type of the registry, with our own nodes' declarations where there are some. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from '../../base/log.ts'
import type { NodeType } from '../api/flows.ts'
import { type EditorDefinition, readEditorHtml } from './node-html.ts'
import { type NodeRed, type NodeSet, translate } from './node-red.ts'

/** The gateway's table decides which capability a type takes; it fills `needs` in. */
export type FoundNodeType = Omit<NodeType, 'needs'>

export function createNodeTypes(red: NodeRed, options: { ourNodesDir: string | undefined; log: Logger }): () => Promise<FoundNodeType[]> {
  /** By set and version: the HTML of a set is read once. */
  const cache = new Map<string, Map<string, EditorDefinition>>()
  let declared: Promise<Map<string, Partial<NodeType>>> | undefined

  const definitionsOf = (set: NodeSet): Map<string, EditorDefinition> => {
    const key = `${set.id}@${set.version}`
    let found = cache.get(key)
    if (!found) {
      found = readEditorHtml(red.nodes.getNodeConfig(set.id, 'en-US') ?? '', translate)
      cache.set(key, found)
    }
    return found
  }

  return async () => {
    declared ??= readDeclarations(options)
    const ours = await declared
    const types: FoundNodeType[] = []
    for (const set of red.nodes.getNodeList()) {
      if (!set.enabled || set.err || !set.types) continue
      const definitions = definitionsOf(set)
      for (const type of set.types) {
        const definition = definitions.get(type)
        types.push({
          type,
          label: definition?.label ?? type,
          family: definition?.category ?? 'other',
          module: set.module,
          isConfig: definition?.category === 'config',
          inputs: definition?.inputs ?? 0,
          outputs: definition?.outputs ?? 0,
          outputLabels: definition?.outputLabels ?? [],
          ...(definition?.icon ? { icon: definition.icon } : {}),
          ...(definition?.color ? { color: definition.color } : {}),
          ...(definition?.summary ? { summary: definition.summary } : {}),
          defaults: definition?.defaults ?? {},
          ...(definition && Object.keys(definition.references).length ? { references: definition.references } : {}),
          ...ours.get(type),
        })
      }
    }
    return types
  }
}

async function readDeclarations({ ourNodesDir, log }: { ourNodesDir: string | undefined; log: Logger }): Promise<Map<string, Partial<NodeType>>> {
  if (!ourNodesDir) return new Map()
  const file = join(ourNodesDir, 'declarations.json')
  try {
    const list = JSON.parse(await readFile(file, 'utf8')) as ({ type: string } & Partial<NodeType>)[]
    return new Map(list.map((declaration) => [declaration.type, declaration]))
  } catch (error) {
    log.error({ err: error, file }, 'the declarations of our nodes cannot be read')
    return new Map()
  }
}
