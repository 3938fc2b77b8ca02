/** The report of a user directory, against this installation as it is now. */
import { inSteps, type Steps } from '../../../base/steps.ts'
import type { FlowNode, MoveIn, MoveInItem, MoveInLine, NodeType } from '../../api/index.ts'
import { neededCapability } from '../../flows/fence.ts'
import { isAllowedModule } from '../../flows/palette.ts'
import { own, recordsIn } from '../json.ts'
import { line } from '../lines.ts'
import type { Directory } from './directory.ts'
import { answeredHere, codeLines, environmentLines, httpLines, oldComputerLines, secretLines } from './item-lines.ts'
import { hereOf, type Item, itemsOf, withUses } from './items.ts'
import { knownModule } from './known-modules.ts'
import { type MachinePlace, motionLines } from './motion-look-alikes.ts'

/** What is here. */
export interface Surroundings {
  types: readonly NodeType[]
  allowedModules: readonly string[]
  machines: readonly MachinePlace[]
  /** The flows that run, with the draft of whoever asks. */
  here: ReadonlyMap<string, FlowNode>
}

export interface FlowReport extends Pick<MoveIn, 'lines' | 'globalContext'> {
  items: { views: MoveInItem[]; byId: ReadonlyMap<string, Item> }
}

const DASHBOARD_1 = 'node-red-dashboard'
/** Parts of the flow format: they need no module. */
const FORMAT = new Set(['tab', 'subflow', 'group', 'junction', 'global-config', 'unknown'])

export const lookAtItems = (directory: Directory, around: Surroundings): Promise<FlowReport> => inSteps(look(directory, around))

function* look(directory: Directory, around: Surroundings): Steps<FlowReport> {
  const types = new Set(around.types.map(({ type }) => type))
  const isHere = (type: string) => types.has(type) || FORMAT.has(type) || type.startsWith('subflow:')
  const moduleOf = (type: string) => directory.modules.get(type)?.name ?? knownModule(type)
  const items = yield* itemsOf(directory.nodes)
  const taken = answeredHere(around.here.values())
  const globalNames = new Set([...namesOfEnvironment(around.here.values()), ...namesOfEnvironment(directory.nodes)])
  const views: MoveInItem[] = []
  for (const item of items.values()) {
    yield
    const { state, count } = hereOf(item, around.here)
    const all = [...item.nodes, ...withUses(items, item.uses).flatMap(({ kind, nodes }) => (kind === 'config' ? nodes : []))]
    const lines: MoveInLine[] = [
      ...motionLines(all, around.machines, moduleOf),
      ...moduleLines(item.nodes, { isHere, moduleOf, directory, allowed: around.allowedModules }),
      ...(state === 'collides' ? [line('collides-here', { count })] : state === 'same' ? [line('same-here', { count })] : []),
      ...httpLines(item.nodes, taken),
      ...environmentLines(item.nodes, globalNames),
      ...oldComputerLines(all, directory.globals),
      ...secretLines(item, (id) => Object.hasOwn(directory.sets, id), directory.credentials),
      ...(item.linksTo.size ? [line('links-elsewhere', { flows: [...item.linksTo].map((id) => items.get(id)?.label ?? id) })] : []),
      ...(item.kind === 'environment' ? environmentHere(item, around.here) : []),
      ...codeLines(item.nodes, isHere),
    ]
    const contextKeys = contextOf(directory, new Set(item.nodes.map(({ id }) => id)))
    if (contextKeys) lines.push(line('context-comes', { keys: contextKeys }))
    views.push({
      id: item.id,
      kind: item.kind,
      label: item.label,
      isOff: item.nodes[0]?.disabled === true,
      nodes: item.nodes.length - (item.kind === 'config' || item.kind === 'environment' ? 0 : 1),
      types: countTypes(item, items, isHere, moduleOf),
      uses: [...item.uses],
      here: state,
      contextKeys,
      lines,
    })
  }
  return {
    items: { views, byId: items },
    lines: [
      ...moduleLines(directory.nodes, { isHere, moduleOf, directory, allowed: around.allowedModules }),
      ...(directory.nodes.some(({ type }) => type === 'ui-base') ? [line('dashboard-one', {})] : []),
    ],
    globalContext: directory.context.filter(({ scope }) => scope === 'global').map(({ key }) => key),
  }
}

function countTypes(
  item: Item,
  items: ReadonlyMap<string, Item>,
  isHere: (type: string) => boolean,
  moduleOf: (type: string) => string | undefined,
): MoveInItem['types'] {
  const counts = new Map<string, number>()
  for (const { type } of item.nodes) if (type !== 'tab' && type !== 'subflow' && type !== 'group') counts.set(type, (counts.get(type) ?? 0) + 1)
  return [...counts]
    .map(([type, count]) => {
      const module = isHere(type) ? undefined : moduleOf(type)
      // an instance by the name of its subflow
      const subflow = type.startsWith('subflow:') ? items.get(type.slice('subflow:'.length)) : undefined
      return {
        type: subflow ? `“${subflow.label}”` : type,
        count,
        isHere: isHere(type),
        needs: neededCapability(type),
        ...(module === undefined ? {} : { module }),
      }
    })
    .toSorted((a, b) => Number(a.isHere) - Number(b.isHere) || b.count - a.count || a.type.localeCompare(b.type))
}

interface ModuleFacts {
  isHere: (type: string) => boolean
  moduleOf: (type: string) => string | undefined
  directory: Directory
  allowed: readonly string[]
}

function moduleLines(nodes: readonly FlowNode[], { isHere, moduleOf, directory, allowed }: ModuleFacts): MoveInLine[] {
  const missing = new Set(nodes.map(({ type }) => type).filter((type) => !isHere(type)))
  const byModule = Map.groupBy(missing, (type) => moduleOf(type) ?? (type.startsWith('ui_') ? DASHBOARD_1 : ''))
  return [...byModule].map(([module, types]) => {
    const version = directory.modules.get(types[0] ?? '')?.version ?? ''
    if (module === '') return line('module-unknown', { types })
    if (module === DASHBOARD_1) return line('module-dashboard-1', { types })
    return line(isAllowedModule(module, allowed) ? 'module-allowed' : 'module-to-allow', { module, version, types })
  })
}

/** How many values of context belong to these nodes. */
const contextOf = ({ context }: Directory, ids: ReadonlySet<string>): number =>
  context.filter(({ scope, flow, node }) => scope !== 'global' && (ids.has(flow ?? '') || ids.has((node ?? '').split('-')[0] ?? ''))).length

const namesOfEnvironment = (nodes: Iterable<FlowNode>): string[] =>
  [...nodes]
    .filter(({ type }) => type === 'global-config')
    .flatMap((node) => recordsIn(node, 'env').flatMap(({ name }) => (typeof name === 'string' ? [name] : [])))

/** Variables of the global environment that are others here. */
function environmentHere(item: Item, here: ReadonlyMap<string, FlowNode>): MoveInLine[] {
  const ours = new Map(
    [...here.values()].filter(({ type }) => type === 'global-config').flatMap((node) => recordsIn(node, 'env').map((one) => [String(own(one, 'name')), one])),
  )
  const names = recordsIn(item.nodes[0], 'env').flatMap((one) => {
    const name = String(own(one, 'name'))
    const other = ours.get(name)
    return other && (other.value !== one.value || other.type !== one.type) ? [name] : []
  })
  return names.length ? [line('env-other-here', { names })] : []
}
