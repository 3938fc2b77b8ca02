/**
 * Puts the panels of an import beside what there is, and takes them away again. Only its own tabs are touched: those are known by
 * their ids, which no person gives.
 */
import { messageOf } from '../../../base/errors.ts'
import {
  CELL,
  type ImportConflict,
  type ImportPanel,
  type LayoutGrid,
  type LayoutItem,
  type LayoutScope,
  MOST_TABS,
  type PanelLayout,
  type RemovedPanel,
} from '../../api/index.ts'
import { sameJson } from '../../api/same-json.ts'
import type { LayoutShelf } from '../../panel/layouts/index.ts'
import { mergeTabs } from './merge.ts'
import type { MadePanel } from './panel-files.ts'

/** As it is kept with the import. */
export interface BroughtPanel extends MadePanel {
  /** The panel had no layout of its own before. */
  isOwn?: boolean
}

export interface PanelChoices {
  keeps: boolean
  decisions: Readonly<Record<string, 'ours' | 'theirs'>>
}

type By = Parameters<LayoutShelf['save']>[0]['by']
type There = { layout: PanelLayout; revision: number }

const keyOf = ({ place, role }: LayoutScope): string => `${place ?? '*'}/${role ?? '*'}`
const isGrid = (tab: PanelLayout['tabs'][number]): tab is LayoutGrid => tab.kind === 'grid'
const idsOf = (panel: Pick<MadePanel, 'tabs'> | undefined) => new Set(panel?.tabs.map(({ id }) => id))
const ofIds = ({ layout }: There, ids: ReadonlySet<string>) => layout.tabs.filter(isGrid).filter(({ id }) => ids.has(id))

const cameWith = ({ tabs }: Pick<MadePanel, 'tabs'>, tab: LayoutGrid): LayoutItem[] => {
  const ids = new Set(tabs.find(({ id }) => id === tab.id)?.items.map(({ id }) => id))
  return tab.items.filter(({ id }) => ids.has(id))
}

/** One panel of an import, and what it becomes. */
interface Placing {
  name: string
  state: ImportPanel['state']
  tabs: LayoutGrid[]
  conflicts: ImportConflict[]
  brought: BroughtPanel
  /** To be saved, in this order. */
  saves: { scope: LayoutScope; layout: PanelLayout | null; basedOn: number }[]
}

async function placing(
  shelf: LayoutShelf,
  { next, before, choices, nameOf }: { next: MadePanel; before: BroughtPanel | undefined; choices: PanelChoices; nameOf: (item: LayoutItem) => string },
): Promise<Placing> {
  const there = await shelf.of(next.scope)
  const isMoved = before !== undefined && keyOf(before.scope) !== keyOf(next.scope)
  const old = isMoved ? await shelf.of(before.scope) : there
  const oldIds = idsOf(before)
  const known = new Set([...oldIds, ...idsOf(next)])
  const all = ofIds(old, known)
  // what others put on its tabs stays where they put it
  const here = isMoved ? all.map((tab) => ({ ...tab, items: cameWith(before, tab) })) : all
  // placed already, by an import that was cut off before it could say so
  const merged = mergeTabs(before?.tabs ?? (here.length ? next.tabs : []), here, next.tabs, { ...choices, nameOf })
  const layout = withTabs(there.layout, known, merged.tabs)
  const isFull = layout.tabs.length > MOST_TABS
  const isOwn =
    there.revision === 0 ||
    (!isMoved && before?.isOwn === true) ||
    (before === undefined && here.length > 0 && (await isMadeFor(shelf, next.scope, there, known)))
  const saves: Placing['saves'] = []
  if (!isFull && !sameJson(layout, there.layout)) saves.push({ scope: next.scope, layout, basedOn: there.revision })
  if (!isFull && isMoved && here.length) saves.push({ scope: before.scope, layout: await without(shelf, before, old, oldIds), basedOn: old.revision })
  return {
    name: next.name,
    state: isFull ? 'no-room' : isMoved ? 'moved' : !saves.length ? 'same' : here.length ? 'updated' : there.revision === 0 ? 'own' : 'beside',
    tabs: merged.tabs,
    conflicts: merged.conflicts,
    brought: isFull ? (before ?? { ...next, tabs: [] }) : { ...next, ...(isOwn ? { isOwn } : {}) },
    saves,
  }
}

/** Without these tabs it is what the panel shows by itself. */
async function isMadeFor(shelf: LayoutShelf, scope: LayoutScope, { layout }: There, ids: ReadonlySet<string>): Promise<boolean> {
  return sameJson({ tabs: layout.tabs.filter(({ id }) => !ids.has(id)) }, await shelf.beneath(scope))
}

/** Its tabs in their places, new ones behind all others. */
function withTabs({ tabs }: PanelLayout, ids: ReadonlySet<string>, next: readonly LayoutGrid[]): PanelLayout {
  const coming = new Map(next.map((tab) => [tab.id, tab]))
  const there = new Set(tabs.map(({ id }) => id))
  const stays = tabs.flatMap((tab) => (ids.has(tab.id) ? (coming.get(tab.id) ?? []) : [tab]))
  return { tabs: [...stays, ...next.filter(({ id }) => !there.has(id))] }
}

/** The layout without its tabs; what others put on them stays. Null: it was made for them, and nothing else is in it. */
async function without(shelf: LayoutShelf, { scope, isOwn, tabs }: BroughtPanel, { layout }: There, ids: ReadonlySet<string>): Promise<PanelLayout | null> {
  const came = new Map(tabs.map((tab) => [tab.id, new Set(tab.items.map(({ id }) => id))]))
  const left = layout.tabs.flatMap((tab) => {
    if (!ids.has(tab.id) || tab.kind !== 'grid') return [tab]
    const others = tab.items.filter(({ id }) => !came.get(tab.id)?.has(id))
    return others.length ? [{ ...tab, items: others }] : []
  })
  if (!left.length) return null
  return isOwn && sameJson({ tabs: left }, await shelf.beneath(scope)) ? null : { tabs: left }
}

export interface PanelPlan {
  panels: ImportPanel[]
  conflicts: ImportConflict[]
}

export interface WantedPanels {
  next: readonly MadePanel[]
  before: readonly BroughtPanel[]
  choices: PanelChoices
  nameOf: (item: LayoutItem) => string
}

/** What placing them would do. Changes nothing. */
export async function planPanels(
  shelf: LayoutShelf,
  { next, before, choices, nameOf, machineIds }: WantedPanels & { machineIds: ReadonlySet<string> },
): Promise<PanelPlan> {
  const all = await shelf.list()
  const plan: PanelPlan = { panels: [], conflicts: [] }
  for (const panel of next) {
    const { scope, name, tabs } = panel
    if (scope.place !== undefined && scope.place !== CELL && !machineIds.has(scope.place)) {
      plan.panels.push({ name, scope, state: 'no-machine', tabs, hiddenFrom: [] })
      continue
    }
    const { state, tabs: merged, conflicts } = await placing(shelf, { next: panel, before: before.find((each) => each.name === name), choices, nameOf })
    const hiddenFrom = scope.role ? [] : all.flatMap((each) => (each.scope.place === scope.place && each.scope.role ? [each.scope.role] : []))
    plan.panels.push({ name, scope, state, tabs: merged, hiddenFrom })
    plan.conflicts.push(...conflicts)
  }
  return plan
}

/**
 * After the deploy, since they name its nodes. What fails is told and changes nothing else.
 * @returns what stands there now, and what could not be changed, in words
 */
export async function placePanels(
  shelf: LayoutShelf,
  { next, before, choices, nameOf, by, reason }: WantedPanels & { by: By; reason: string | undefined },
): Promise<{ brought: BroughtPanel[]; problems: string[] }> {
  const brought: BroughtPanel[] = []
  const problems: string[] = []
  for (const panel of next) {
    const was = before.find(({ name }) => name === panel.name)
    try {
      const { saves, brought: now } = await twice(async () => {
        const plan = await placing(shelf, { next: panel, before: was, choices, nameOf })
        for (const save of plan.saves) await shelf.save({ ...save, by, reason: reason?.slice(0, 400) })
        return plan
      })
      if (now.tabs.length || saves.length) brought.push(now)
    } catch (error) {
      problems.push(`${keyOf(panel.scope)}: ${messageOf(error)}`)
      if (was) brought.push(was)
    }
  }
  const gone = before.filter(({ name }) => !next.some((panel) => panel.name === name))
  const { problems: more } = await takePanels(shelf, gone, { by, reason })
  return { brought, problems: [...problems, ...more] }
}

/** Somebody saved the panel in this very moment: once more, with theirs. */
async function twice<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if ((error as { code?: string }).code !== 'layout-changed') throw error
    return work()
  }
}

export async function lookAtRemoval(shelf: LayoutShelf, brought: readonly BroughtPanel[]): Promise<RemovedPanel[]> {
  const found: RemovedPanel[] = []
  for (const panel of brought) {
    const there = await shelf.of(panel.scope)
    if (there.revision === 0) continue
    for (const tab of ofIds(there, idsOf(panel))) {
      const came = new Set(panel.tabs.find(({ id }) => id === tab.id)?.items.map(({ id }) => id))
      found.push({ scope: panel.scope, tab: tab.name, stays: tab.items.some(({ id }) => !came.has(id)) })
    }
  }
  return found
}

/** Takes its tabs away. */
export async function takePanels(
  shelf: LayoutShelf,
  brought: readonly BroughtPanel[],
  { by, reason }: { by: By; reason: string | undefined },
): Promise<{ problems: string[] }> {
  const problems: string[] = []
  for (const panel of brought)
    try {
      await twice(async () => {
        const there = await shelf.of(panel.scope)
        const ids = idsOf(panel)
        if (there.revision === 0 || !ofIds(there, ids).length) return
        await shelf.save({ scope: panel.scope, layout: await without(shelf, panel, there, ids), basedOn: there.revision, by, reason: reason?.slice(0, 400) })
      })
    } catch (error) {
      problems.push(`${keyOf(panel.scope)}: ${messageOf(error)}`)
    }
  return { problems }
}
