/** Which flows are shown as tabs, and in which folder a flow is. No view. */
import { hiddenTabs } from '../find/kept.ts'
import { changeTab } from '../model/commands.ts'
import type { FlowModel } from '../model/flow-model.ts'
import { type FlowNode, kindOf, textOf } from '../model/raw.ts'
import type { Workspace } from '../workspace.ts'

/**
 * A folder is the first part of a flow's name: it is in the flow file, so everybody has the same folders, Node-RED's own
 * editor shows them as part of the name, and nothing more has to be kept.
 */
const BETWEEN = ' / '

export function flowName(node: FlowNode): string {
  return (kindOf(node) === 'subflow' ? textOf(node, 'name') : textOf(node, 'label')) || node.id
}

export function folderOf(node: FlowNode): { folder: string; name: string } {
  const whole = flowName(node)
  const at = whole.indexOf(BETWEEN)
  return at > 0 ? { folder: whole.slice(0, at).trim(), name: whole.slice(at + BETWEEN.length).trim() || whole } : { folder: '', name: whole }
}

export function foldersOf(model: FlowModel): string[] {
  return [...new Set(model.tabs().map((tab) => folderOf(tab).folder))].filter(Boolean).sort((a, b) => a.localeCompare(b))
}

/** @param folder empty: out of every folder */
export function moveToFolder(model: FlowModel, id: string, folder: string): void {
  const tab = model.get(id)
  if (!tab) return
  const { name } = folderOf(tab)
  changeTab(model, id, { label: folder.trim() === '' ? name : `${folder.trim()}${BETWEEN}${name}` })
}

/** Tabs that are not hidden; the one that is shown always. */
export function shownTabs({ model, place }: Workspace): FlowNode[] {
  return model.tabs().filter((tab) => tab.id === place || !hiddenTabs.has(tab.id))
}

/** Takes a tab out of the bar; the flow stays as it is. The neighbour is shown instead. */
export function hideTab(workspace: Workspace, id: string): void {
  const tabs = shownTabs(workspace)
  const at = tabs.findIndex((tab) => tab.id === id)
  const next = tabs[at + 1] ?? tabs[at - 1]
  if (at < 0 || !next) return
  hiddenTabs.add(id)
  if (workspace.place === id) workspace.open(next.id)
}
