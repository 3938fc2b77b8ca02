/** Panels that go along with their flows: the layouts of this shop, and what becomes of those that come. */
import { type Static, Type } from 'typebox'
import { CELL, type FlowNode, getLayoutOf, LayoutScope, listPanelLayouts, PanelLayout, type PromotionPreview } from '../../api/index.ts'
import { sameJson } from '../../api/same-json.ts'
import type { Caller } from '../../auth/caller.ts'
import type { InProcess } from '../../http/in-process.ts'

export const PromotedPanel = Type.Object({ scope: LayoutScope, layout: PanelLayout }, { additionalProperties: false })
export type PromotedPanel = Static<typeof PromotedPanel>

type Choice = PromotionPreview['panels'][number]

export const panelKey = ({ place, role }: LayoutScope) => `${place ?? '*'}/${role ?? '*'}`
const mayArrange = ({ capabilities }: Caller) => capabilities.has('panels.arrange')

/** Whoever may not arrange panels takes none along. */
async function panelsHere(call: InProcess, caller: Caller): Promise<(PromotedPanel & { revision: number })[]> {
  if (!mayArrange(caller)) return []
  const entries = await call(listPanelLayouts, { caller })
  return Promise.all(
    entries.map(async ({ scope }) => {
      const { layout, revision } = await call(getLayoutOf, { caller, query: scope })
      return { scope, layout, revision }
    }),
  )
}

const nodesIn = ({ layout }: PromotedPanel): string[] =>
  layout.tabs.flatMap((tab) =>
    tab.kind === 'dashboard' ? [tab.pageId] : tab.kind === 'grid' ? tab.items.flatMap(({ shows }) => (shows.kind === 'node' ? [shows.nodeId] : [])) : [],
  )

/** With all flows all panels; with some of them the panels that show these alone. */
export async function panelsOf(call: InProcess, caller: Caller, flow: readonly FlowNode[], scope: 'all' | 'some'): Promise<PromotedPanel[]> {
  const ids = new Set(flow.map(({ id }) => id))
  return (await panelsHere(call, caller))
    .filter((panel) => {
      const nodes = nodesIn(panel)
      return nodes.every((id) => ids.has(id)) && (scope === 'all' || nodes.length > 0)
    })
    .map(({ scope: of, layout }) => ({ scope: of, layout }))
}

export interface PlannedPanels {
  choices: Choice[]
  /** To be saved, in this shop's words. */
  save: (PromotedPanel & { revision: number })[]
  /** Are here already as they come. */
  kept: PromotedPanel[]
}

/**
 * @param machines what stands here for the machines of there
 * @param before what the last promotion from there has saved here
 */
export async function planPanels(
  call: InProcess,
  caller: Caller,
  {
    coming,
    machines,
    machineIds,
    before,
    decisions,
  }: {
    coming: readonly PromotedPanel[]
    machines: ReadonlyMap<string, string>
    machineIds: ReadonlySet<string>
    before: readonly PromotedPanel[]
    decisions: Readonly<Record<string, 'ours' | 'theirs'>>
  },
): Promise<PlannedPanels> {
  const here = new Map((await panelsHere(call, caller)).map((panel) => [panelKey(panel.scope), panel]))
  const was = new Map(before.map((panel) => [panelKey(panel.scope), panel.layout]))
  const planned: PlannedPanels = { choices: [], save: [], kept: [] }
  for (const { scope: there, layout } of coming) {
    const place = there.place === undefined || there.place === CELL ? there.place : (machines.get(`machine ${there.place}`) ?? there.place)
    const scope: LayoutScope = { ...there, ...(place === undefined ? {} : { place }) }
    const key = panelKey(scope)
    const own = here.get(key)
    const old = was.get(key)
    const state: Choice['state'] = !mayArrange(caller)
      ? 'not-allowed'
      : place !== undefined && place !== CELL && !machineIds.has(place)
        ? 'no-machine'
        : !own
          ? 'new'
          : sameJson(own.layout, layout)
            ? 'same'
            : old && sameJson(own.layout, old)
              ? 'changed'
              : 'differs'
    const usual = state === 'new' || state === 'changed' ? 'theirs' : 'ours'
    const decision = state === 'new' || state === 'changed' || state === 'differs' ? (decisions[key] ?? usual) : 'ours'
    planned.choices.push({ key, scope, state, decision })
    if (state === 'same') planned.kept.push({ scope, layout })
    if (decision === 'theirs') planned.save.push({ scope, layout, revision: own?.revision ?? 0 })
  }
  return planned
}
