/** The palette: every type of the registry, with our own nodes' declarations where there are some. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from '../../base/log.ts'
import type { NodeType } from '../api/flows.ts'
import { type EditorDefinition, readEditorHtml } from './node-html.ts'
import { type NodeRed, type NodeSet, translate } from './node-red.ts'

/** The gateway's table decides which capability a type takes; it fills `needs` in. */
export type FoundNodeType = Omit<NodeType, 'needs'>

interface Definitions {
  english: Map<string, EditorDefinition>
  german: Map<string, EditorDefinition>
}

export function createNodeTypes(red: NodeRed, options: { ourNodesDir: string | undefined; log: Logger }): () => Promise<FoundNodeType[]> {
  /** By set and version: the HTML of a set is read once. */
  const cache = new Map<string, Definitions>()
  let declared: Promise<Map<string, Partial<NodeType>>> | undefined

  const definitionsOf = (set: NodeSet): Definitions => {
    const key = `${set.id}@${set.version}`
    let found = cache.get(key)
    if (!found) {
      const read = (language: 'en-US' | 'de') => readEditorHtml(red.nodes.getNodeConfig(set.id, language) ?? '', (text) => translate(text, language))
      found = { english: read('en-US'), german: read('de') }
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
        const definition = definitions.english.get(type)
        const german = definition && germanOf(definition, definitions.german.get(type))
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
          ...(german ? { german } : {}),
          defaults: definition?.defaults ?? {},
          ...(definition && Object.keys(definition.references).length ? { references: definition.references } : {}),
          ...ours.get(type),
        })
      }
    }
    return types
  }
}

/** What a module's German says otherwise than its English. */
function germanOf(english: EditorDefinition, german: EditorDefinition | undefined): NodeType['german'] {
  if (!german) return undefined
  const said = {
    ...(german.label !== english.label ? { label: german.label } : {}),
    ...(german.summary && german.summary !== english.summary ? { summary: german.summary } : {}),
    ...(german.outputLabels.join('\0') !== english.outputLabels.join('\0') ? { outputLabels: german.outputLabels } : {}),
  }
  return Object.keys(said).length > 0 ? said : undefined
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
