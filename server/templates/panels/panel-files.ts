/** `panels/*.json` of a template: read as a stranger's, and filled in for this shop. */
import { checker } from '../../../base/schema.ts'
import {
  CELL,
  type FlowNode,
  judgeLayout,
  type LayoutGrid,
  type LayoutScope,
  leastSize,
  MOST_TEMPLATE_PANELS,
  PLACEABLE_TYPES,
  type PlaceableType,
  type TemplateManifest,
  TemplatePanel,
} from '../../api/index.ts'
import { jsonOf } from '../archive/json.ts'
import { type Files, refused } from '../archive/limits.ts'
import { firstErrors } from '../seal.ts'

/** A file of it. */
const MOST_BYTES = 60_000
const panelFile = checker(TemplatePanel)

export interface PanelOfTemplate extends TemplatePanel {
  /** Of its file. */
  name: string
}

/** @throws UserError template-refused with the file and the reason */
export async function readPanels(files: Files, flow: readonly FlowNode[], { parameters }: TemplateManifest): Promise<PanelOfTemplate[]> {
  const types = new Map(flow.map(({ id, type }) => [id, type]))
  const panels: PanelOfTemplate[] = []
  const tabs = new Set<string>()
  for (const [file, bytes] of files) {
    const name = /^panels\/(.+)\.json$/.exec(file)?.[1]
    if (name === undefined) continue
    const bad = (reason: string) => refused(`${file} ${reason}.`, { file, why: 'panels' })
    if (bytes.length > MOST_BYTES) throw bad(`is larger than ${MOST_BYTES / 1000} kB`)
    if (panels.length >= MOST_TEMPLATE_PANELS) throw bad(`is one too many: a template has ${MOST_TEMPLATE_PANELS} panels at most`)
    const panel = await jsonOf(file, bytes)
    if (!panelFile.is(panel)) throw refused(`${file} is not as it should be: ${firstErrors(panelFile.errors(panel))}.`, { file, why: 'invalid' })
    const key = keyIn(panel.place)
    if (key !== undefined && parameters.properties[key]?.widget !== 'machine') throw bad(`is for {{${key}}}, which is no parameter that picks a machine`)
    for (const tab of panel.tabs) {
      if (tabs.has(tab.id)) throw bad(`has the tab ${tab.id}, which is there twice`)
      tabs.add(tab.id)
      checkTab(tab, types, bad)
    }
    const [fault] = judgeLayout(panel, panel.place === CELL ? CELL : undefined)
    if (fault) throw bad(`cannot be used: ${fault.fault} on "${fault.tab}"`)
    panels.push({ name, ...panel })
  }
  return panels
}

function checkTab({ id, items }: LayoutGrid, types: ReadonlyMap<string, string>, bad: (reason: string) => Error): void {
  if (!items.length) throw bad(`has nothing on its tab ${id}`)
  for (const { shows, w, h } of items) {
    if (shows.kind !== 'node') continue
    const type = types.get(shows.nodeId)
    if (type === undefined) throw bad(`shows the node ${shows.nodeId}, which is not in the flow`)
    if (!isPlaceable(type)) throw bad(`shows the node ${shows.nodeId}, a ${type}, which is no control`)
    const least = leastSize(shows, type)
    if (w < least.w || h < least.h) throw bad(`shows the node ${shows.nodeId} smaller than it can be read`)
  }
}
const PLACEABLE: ReadonlySet<string> = new Set(PLACEABLE_TYPES)
const isPlaceable = (type: string): type is PlaceableType => PLACEABLE.has(type)

const keyIn = (place: string | undefined) => /^\{\{(.+)\}\}$/.exec(place ?? '')?.[1]

/** One panel of a template in this shop. */
export interface MadePanel {
  name: string
  scope: LayoutScope
  tabs: LayoutGrid[]
}

/** @returns without those whose machine is not chosen: their names */
export function makePanels(
  panels: readonly PanelOfTemplate[],
  {
    importId,
    number,
    parameters,
    ids,
  }: {
    importId: string /** Behind names, from the second import on. */
    number: string
    parameters: Readonly<Record<string, unknown>>
    ids: ReadonlyMap<string, string>
  },
): { made: MadePanel[]; open: string[] } {
  const made: MadePanel[] = []
  const open: string[] = []
  const prefix = importId.replace(/^.*_/, '').slice(-16)
  for (const { name, place, role, tabs } of panels) {
    const key = keyIn(place)
    const machine = key === undefined ? place : parameters[key]
    if (key !== undefined && (typeof machine !== 'string' || machine === '')) {
      open.push(name)
      continue
    }
    made.push({
      name,
      scope: { ...(typeof machine === 'string' ? { place: machine } : {}), ...(role === undefined ? {} : { role }) },
      tabs: tabs.map((tab) => ({
        ...tab,
        // the same at each version, so that tabs are found again
        id: `${prefix}-${tab.id}`,
        name: `${tab.name.slice(0, 24 - number.length).trimEnd()}${number}`,
        items: tab.items.map((item) => ({
          ...item,
          shows: item.shows.kind === 'node' ? { kind: 'node' as const, nodeId: ids.get(item.shows.nodeId) ?? item.shows.nodeId } : item.shows,
        })),
      })),
    })
  }
  return { made, open }
}
