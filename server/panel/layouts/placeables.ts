/** What of the deployed flows can stand on a panel: controls of our own nodes, and pages of FlowFuse Dashboard 2. */
import { type FlowNode, type PanelLayout, PLACEABLE_TYPES, type Placeable } from '../../api/index.ts'

const CONTROLS: ReadonlySet<string> = new Set(PLACEABLE_TYPES)
const text = (value: unknown): string => (typeof value === 'string' ? value.trim() : '')

/** Also true for what is in a flow that is switched off. */
const isOff = (node: FlowNode, tabs: ReadonlyMap<string, FlowNode>) => {
  const flow = typeof node.z === 'string' ? tabs.get(node.z) : undefined
  return node.d === true || flow?.disabled === true
}
const tabsOf = (flows: readonly FlowNode[]) => new Map(flows.filter(({ type }) => type === 'tab').map((node) => [node.id, node]))

/** A control is known by the words on it; a question that is worked out at run time has only its node's name. */
function labelOf(node: FlowNode): string {
  const asked = node.questionType === 'str' ? text(node.question) : ''
  return (text(node.label) || asked || text(node.name) || node.type).slice(0, 200)
}

/** Sorted by label. */
function placeablesOf(flows: readonly FlowNode[]): Placeable[] {
  const tabs = tabsOf(flows)
  const byId = new Map(flows.map((node) => [node.id, node]))
  return flows
    .flatMap((node): Placeable[] => {
      if (isOff(node, tabs)) return []
      if (node.type === 'ui-page') return dashboardPath(flows, node.id) === undefined ? [] : [{ nodeId: node.id, type: 'ui-page', label: labelOf(node) }]
      if (!CONTROLS.has(node.type)) return []
      const flow = typeof node.z === 'string' ? tabs.get(node.z) : undefined
      const machine = typeof node.machine === 'string' ? text(byId.get(node.machine)?.machineId) : ''
      return [
        {
          nodeId: node.id,
          type: node.type as Placeable['type'],
          label: labelOf(node),
          ...(text(flow?.label) ? { flowName: text(flow?.label) } : {}),
          ...(machine ? { machineId: machine } : {}),
        },
      ]
    })
    .sort((a, b) => a.label.localeCompare(b.label))
}

/** Where a page of the dashboard is, below the dashboard's own path; undefined where there is none. */
function dashboardPath(flows: readonly FlowNode[], pageId: string): string | undefined {
  const page = flows.find(({ id, type }) => id === pageId && type === 'ui-page')
  const base = page && flows.find(({ id, type }) => id === page.ui && type === 'ui-base')
  // its menu leaves out what is not visible, but the address works
  if (!page || !base || page.d === true || page.disabled === true || base.path !== '/dashboard') return undefined
  const path = text(page.path).replace(/^\/+/, '')
  // what is no plain path leads nobody anywhere else
  return /^[A-Za-z0-9._~/-]*$/.test(path) && !path.split('/').some((part) => part === '.' || part === '..' || part === '') ? `/dashboard/${path}` : undefined
}

/** What panels need to know of the flows. */
export interface FlowFacts {
  placeables: Placeable[]
  /** Where each page of the dashboard is, by its node. */
  pages: ReadonlyMap<string, string>
}
export function factsOf(flows: readonly FlowNode[]): FlowFacts {
  const placeables = placeablesOf(flows)
  const pages = placeables.flatMap(({ nodeId, type }) => {
    const path = type === 'ui-page' ? dashboardPath(flows, nodeId) : undefined
    return path === undefined ? [] : [[nodeId, path] as const]
  })
  return { placeables, pages: new Map(pages) }
}

/** What a layout names and the flows have not, or have switched off. */
export function missingFrom({ tabs }: PanelLayout, { placeables }: FlowFacts): string[] {
  const known = new Set(placeables.map(({ nodeId }) => nodeId))
  const named = tabs.flatMap((tab) =>
    tab.kind === 'dashboard' ? [tab.pageId] : tab.kind === 'grid' ? tab.items.flatMap(({ shows }) => (shows.kind === 'node' ? [shows.nodeId] : [])) : [],
  )
  return [...new Set(named)].filter((nodeId) => !known.has(nodeId))
}
