/**
 * Tabs of an import after a change: three-way, for each tab and control by its id, as flows are merged. What only one side changed is
 * taken; what both changed is a person's matter. Pure.
 */
import { type ImportConflict, type LayoutGrid, type LayoutItem, MOST_ROWS } from '../../api/index.ts'
import { sameJson } from '../../api/same-json.ts'

export interface MergedTabs {
  tabs: LayoutGrid[]
  conflicts: ImportConflict[]
}

export interface MergeOptions {
  /** What was changed here stays. `false`: all that came with the import becomes as it comes now; what others put beside it stays. */
  keeps: boolean
  decisions: Readonly<Record<string, 'ours' | 'theirs'>>
  /** What a control is called. */
  nameOf: (item: LayoutItem) => string
}

/**
 * @param base as the import put them; empty: it had none
 * @param here those of them that are there, as they are now
 * @param next as they come now
 */
export function mergeTabs(base: readonly LayoutGrid[], here: readonly LayoutGrid[], next: readonly LayoutGrid[], options: MergeOptions): MergedTabs {
  const conflicts: ImportConflict[] = []
  const was = byId(base)
  const ours = byId(here)
  const coming = byId(next)
  const tabs = [...new Set([...next, ...here].map(({ id }) => id))].flatMap((id): LayoutGrid[] => {
    const [before, own, now] = [was.get(id), ours.get(id), coming.get(id)]
    if (!now) return own ? withoutWhatCame(own, before, options, conflicts) : []
    if (!own) {
      if (!before || !options.keeps) return [now]
      // taken away here: it stays away unless the new version has changed it
      return !sameJson(before, now) && decided(conflict({ tab: now, ours: undefined, theirs: 'changed' }, options), options, conflicts) === 'theirs'
        ? [now]
        : []
    }
    return [mergeTab(before, own, now, options, conflicts)]
  })
  return { tabs, conflicts }
}

/** The new version has this tab no more. */
function withoutWhatCame(own: LayoutGrid, before: LayoutGrid | undefined, options: MergeOptions, conflicts: ImportConflict[]): LayoutGrid[] {
  const came = new Map(before?.items.map((item) => [item.id, item]))
  const isTouched =
    own.name !== before?.name ||
    before.items.some(
      (item) =>
        !sameItem(
          own.items.find(({ id }) => id === item.id),
          item,
        ),
    )
  if (options.keeps && before && isTouched && decided(conflict({ tab: own, ours: 'changed', theirs: undefined }, options), options, conflicts) === 'ours')
    return [own]
  const others = own.items.filter(({ id }) => !came.has(id))
  return others.length ? [{ ...own, items: others }] : []
}

function mergeTab(before: LayoutGrid | undefined, own: LayoutGrid, now: LayoutGrid, options: MergeOptions, conflicts: ImportConflict[]): LayoutGrid {
  const { keeps } = options
  const was = byId(before?.items ?? [])
  const ours = byId(own.items)
  const coming = byId(now.items)
  const name = !keeps || (before && own.name === before.name) || !before ? now.name : own.name
  /** In the order in which they keep their places: what a person put there comes first. */
  const firm: LayoutItem[] = []
  const loose: LayoutItem[] = []
  for (const item of own.items) {
    const [base, next] = [was.get(item.id), coming.get(item.id)]
    if (!base && !next) firm.push(item)
    else if (!next) {
      const stays =
        keeps && !sameItem(item, base) && decided(conflict({ tab: own, item, ours: placeOf(item), theirs: undefined }, options), options, conflicts) === 'ours'
      if (stays) firm.push(item)
    } else if (!keeps || sameItem(item, base) || sameItem(item, next)) loose.push(next)
    else if (sameItem(next, base)) firm.push(item)
    else {
      const about = { tab: own, item, base: base && placeOf(base), ours: placeOf(item), theirs: placeOf(next) }
      if (decided(conflict(about, options), options, conflicts) === 'theirs') loose.push(next)
      else firm.push(item)
    }
  }
  for (const next of now.items) {
    if (ours.has(next.id)) continue
    const base = was.get(next.id)
    const isNew = !keeps || !base
    // taken away here
    if (isNew) loose.push(next)
    else if (
      !sameItem(base, next) &&
      decided(conflict({ tab: own, item: next, ours: undefined, theirs: placeOf(next) }, options), options, conflicts) === 'theirs'
    )
      loose.push(next)
  }
  const shown = new Set(firm.map(shownKey))
  // what somebody put there themselves stands once
  return {
    ...now,
    name,
    items: apart(
      firm,
      loose.filter((item) => !shown.has(shownKey(item))),
    ),
  }
}

const byId = <T extends { id: string }>(list: readonly T[]) => new Map(list.map((one) => [one.id, one]))
const shownKey = ({ shows }: LayoutItem) => (shows.kind === 'node' ? `node ${shows.nodeId}` : `block ${shows.block}`)
const sameItem = (a: LayoutItem | undefined, b: LayoutItem | undefined): boolean =>
  a !== undefined && b !== undefined && a.x === b.x && a.y === b.y && a.w === b.w && a.h === b.h && shownKey(a) === shownKey(b)
const placeOf = ({ x, y, w, h }: LayoutItem): string => `${w} × ${h} at ${x}, ${y}`

interface About {
  tab: LayoutGrid
  item?: LayoutItem
  base?: string | undefined
  /** Undefined: taken away. */
  ours: string | undefined
  theirs: string | undefined
}
function conflict({ tab, item, base, ours, theirs }: About, { nameOf }: MergeOptions): ImportConflict {
  return {
    key: item ? `panel ${tab.id} ${item.id}` : `panel ${tab.id}`,
    nodeId: item?.shows.kind === 'node' ? item.shows.nodeId : '',
    name: item ? `${tab.name}: ${nameOf(item)}` : tab.name,
    nodeType: 'panel',
    kind: ours === undefined || theirs === undefined ? 'removed' : 'changed',
    ...(ours === undefined || theirs === undefined ? {} : { property: 'place' }),
    ...(base === undefined ? {} : { base }),
    ...(ours === undefined ? {} : { ours }),
    ...(theirs === undefined ? {} : { theirs }),
  }
}
/** Undecided, it stays as it is here. */
function decided(found: ImportConflict, { decisions }: MergeOptions, conflicts: ImportConflict[]): 'ours' | 'theirs' {
  conflicts.push(found)
  return decisions[found.key] ?? 'ours'
}

const overlap = (a: LayoutItem, b: LayoutItem) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h

/** The loose ones where they come, or below what is in their way; those for which there is no room at all are left out. */
function apart(firm: readonly LayoutItem[], loose: readonly LayoutItem[]): LayoutItem[] {
  const placed = [...firm]
  for (const item of loose)
    for (let y = item.y; y + item.h <= MOST_ROWS; y += 1) {
      const there = { ...item, y }
      if (placed.some((other) => overlap(there, other))) continue
      placed.push(there)
      break
    }
  return placed
}
