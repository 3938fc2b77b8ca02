/** Which part of this shop's panels goes along with chosen nodes: the tabs that show their controls, without what is of others. Pure. */
import { createHash } from 'node:crypto'
import {
  CELL,
  type ExportPanel,
  type ExportParameter,
  type FlowNode,
  type LayoutGrid,
  type LayoutItem,
  type LayoutScope,
  MOST_TEMPLATE_PANELS,
  MOST_TEMPLATE_TABS,
  type PanelLayout,
  type TemplatePanel,
} from '../../api/index.ts'
import { controlName } from '../put-together.ts'
import { valueAt } from '../select.ts'

export interface ArrangedPanel {
  scope: LayoutScope
  layout: PanelLayout
}

const keyOf = ({ place, role }: LayoutScope): string => `${place ?? '*'}/${role ?? '*'}`

/** @param sources.flows for the names of controls that stay here */
export function panelsFor(
  nodes: readonly FlowNode[],
  parameters: readonly ExportParameter[],
  { panels, flows }: { panels: readonly ArrangedPanel[]; flows: readonly FlowNode[] },
): ExportPanel[] {
  const chosen = new Set(nodes.map(({ id }) => id))
  const label = controlName(flows)
  const found = panels.flatMap(({ scope, layout }): ExportPanel[] => {
    const leftOut: string[] = []
    const tabs: LayoutGrid[] = []
    for (const tab of layout.tabs) {
      const isConcerned = tab.kind === 'grid' && tab.items.some(({ shows }) => shows.kind === 'node' && chosen.has(shows.nodeId))
      if (!isConcerned) {
        leftOut.push(tab.name ?? (tab.kind === 'page' ? tab.page : tab.id))
        continue
      }
      const [stays, goes] = split(tab.items, ({ shows }) => shows.kind === 'block' || chosen.has(shows.nodeId))
      leftOut.push(...stays.map((item) => `${tab.name}: ${label(item)}`))
      tabs.push({ ...tab, items: closedUp(goes) })
    }
    if (!tabs.length) return []
    const isOpen = scope.place !== undefined && scope.place !== CELL && parameterFor(scope.place, nodes, parameters) === undefined
    const why = isOpen ? ('machine-not-asked' as const) : tabs.length > MOST_TEMPLATE_TABS ? ('too-many' as const) : undefined
    return [{ key: keyOf(scope), scope, tabs, leftOut, ...(why ? { why } : {}) }]
  })
  return found.map((panel, index) => (index < MOST_TEMPLATE_PANELS ? panel : { ...panel, why: 'too-many' }))
}

/** The machine's own parameter: whose value it is at one of its places. */
function parameterFor(machineId: string, nodes: readonly FlowNode[], parameters: readonly ExportParameter[]): string | undefined {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const stands = ({ nodeId, path }: ExportParameter['places'][number]) => {
    const node = byId.get(nodeId)
    return node !== undefined && valueAt(node, path) === machineId
  }
  return parameters.find(({ schema, places }) => schema.widget === 'machine' && places.some(stands))?.key
}

function split(items: readonly LayoutItem[], goes: (item: LayoutItem) => boolean): [LayoutItem[], LayoutItem[]] {
  return [items.filter((item) => !goes(item)), items.filter(goes)]
}

/** Without the rows that nothing stands in any more. */
function closedUp(items: readonly LayoutItem[]): LayoutItem[] {
  const rows = new Set(items.flatMap(({ y, h }) => Array.from({ length: h }, (_, row) => y + row)))
  return items.map((item) => ({ ...item, y: Array.from({ length: item.y }, (_, row) => row).filter((row) => rows.has(row)).length }))
}

/** The same for the same tab each time, so that an update finds it; short enough for a template. */
const shortId = (id: string) => (id.length <= 20 ? id : createHash('sha256').update(id).digest('hex').slice(0, 12))

/**
 * As files of a template.
 * @param keys which ones; absent: all that can
 */
export function panelFiles(
  panels: readonly ExportPanel[],
  keys: readonly string[] | undefined,
  nodes: readonly FlowNode[],
  parameters: readonly ExportParameter[],
): [string, TemplatePanel][] {
  const files = new Map<string, TemplatePanel>()
  const tabIds = new Set<string>()
  const freeId = (wanted: string) => {
    let id = wanted
    for (let n = 2; tabIds.has(id); n += 1) id = `${wanted.slice(0, 17)}-${n}`
    tabIds.add(id)
    return id
  }
  for (const { key, scope, tabs, why } of panels) {
    if (why !== undefined || keys?.includes(key) === false) continue
    const { place, role } = scope
    const parameter = place === undefined || place === CELL ? undefined : parameterFor(place, nodes, parameters)
    const base = [place === undefined ? 'every-machine' : place === CELL ? 'cell' : 'machine', ...(role ? [role] : [])].join('-')
    let name = base
    for (let n = 2; files.has(`panels/${name}.json`); n += 1) name = `${base}-${n}`
    files.set(`panels/${name}.json`, {
      ...(place === undefined ? {} : { place: parameter === undefined ? place : `{{${parameter}}}` }),
      ...(role === undefined ? {} : { role }),
      tabs: tabs.map((tab) => ({ ...tab, id: freeId(shortId(tab.id)) })),
    })
  }
  return [...files]
}
