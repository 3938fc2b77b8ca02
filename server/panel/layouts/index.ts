/**
 * Panel layouts: kept per machine and role, each change a version. A panel gets the nearest one there is: machine and role, machine,
 * role, shop, or what the product brings along.
 */
import type { IncomingMessage } from 'node:http'
import type { Selectable } from 'kysely'
import { OperationalError, UserError } from '../../../base/errors.ts'
import { checker } from '../../../base/schema.ts'
import {
  builtInLayout,
  CELL,
  type FlowNode,
  getLayoutOf,
  getPanelLayout,
  judgeLayout,
  type LayoutClash,
  type LayoutEntry,
  type LayoutScope,
  type LayoutView,
  listPanelLayouts,
  listPlaceables,
  openDashboardPage,
  PanelLayout,
  type Role,
  removePanelLayout,
  savePanelLayout,
} from '../../api/index.ts'
import type { Audit } from '../../audit/contract.ts'
import type { Caller } from '../../auth/caller.ts'
import { handle, type RouteHandler } from '../../http/handler.ts'
import type { LiveHub } from '../../http/live-hub.ts'
import { type Database, json, type Store } from '../../store/index.ts'
import type { KeptVersion, KeptVersions } from '../../versions/index.ts'
import { type FlowFacts, factsOf, missingFrom } from './placeables.ts'

const layoutCheck = checker(PanelLayout)
/** Also what another host deploys is known after this at the latest. */
const FACTS_MS = 30_000

/** Layouts for parts that bring panels along (templates, promotions): rights are asked before. */
export interface LayoutShelf {
  list(): Promise<{ scope: LayoutScope; layout: PanelLayout; revision: number }[]>
  /** Of exactly this scope, or with revision 0 what it shows without one. */
  of(scope: LayoutScope): Promise<{ layout: PanelLayout; revision: number }>
  /** What it would show without a layout of its own. */
  beneath(scope: LayoutScope): Promise<PanelLayout>
  /** Null: it is removed. @throws UserError layout-changed, layout-wrong */
  save(what: { scope: LayoutScope; layout: PanelLayout | null; basedOn: number; reason: string | undefined; by: Author }): Promise<number>
}
/** Somebody who asks now, or who asked and somebody else let it through. */
type Author = Caller | { name: string; userId?: string }

export interface LayoutsPart {
  routes: RouteHandler[]
  shelf: LayoutShelf
  /** Other flows run: what is missing in a layout may have changed. */
  flowsChanged(): void
}

interface Row {
  scope: LayoutScope
  layout: PanelLayout
  revision: number
  by: string
  at: Date
  reason: string | undefined
}

type Stored = Selectable<Database['panelLayout']>
const toRow = ({ place, role, layout, revision, by, at, reason }: Stored): Row => ({
  scope: { ...(place === null ? {} : { place }), ...(role === null ? {} : { role: role as Role }) },
  layout: layout as PanelLayout,
  revision,
  by,
  at,
  reason: reason ?? undefined,
})

/** Neither a machine id nor a role has an asterisk or a slash. */
const keyOf = ({ place, role }: LayoutScope): string => `${place ?? '*'}/${role ?? '*'}`

/** From the nearest to the widest. What is arranged for machines in general has no meaning in the view of all. */
function fallbacks({ place, role }: LayoutScope): LayoutScope[] {
  const own: LayoutScope[] = place === undefined ? [] : [...(role ? [{ place, role }] : []), { place }]
  const shop: LayoutScope[] = place === CELL ? [] : [...(role ? [{ role }] : []), {}]
  return [...own, ...shop]
}

/** For the list of versions; pages say it in their own words from the subject. */
const titleOf = ({ place, role }: LayoutScope): string =>
  `Panel: ${place === undefined ? 'every machine' : place === CELL ? 'the cell' : place}${role ? `, ${role}` : ''}`

export function createLayouts(deps: {
  store: Pick<Store, 'db'>
  live: Pick<LiveHub, 'provide' | 'publish'>
  audit: Audit
  versions: Pick<KeptVersions, 'keep' | 'own'>
  currentFlows: () => Promise<{ flows: FlowNode[]; rev: string }>
  /** What the browser that asks is bound to, if it is a kiosk. */
  kioskOf: (request: IncomingMessage) => { place: string; layout?: LayoutScope } | undefined
  /** Lets whoever sent a request show dashboards in a frame; the address below which they then are. */
  openFrame: (request: IncomingMessage) => string
  isRuntimeThere: () => boolean
}): LayoutsPart {
  const { store, live, audit, versions, currentFlows, kioskOf, openFrame, isRuntimeThere } = deps
  const { db } = store
  // a number that another life of this gateway did not use: pages compare it only
  let revision = Date.now()
  live.provide('panel-layouts', () => ({ revision }))
  /** Of the flows that run; a shop's flows are megabytes, and panels ask often. */
  let facts: { of: Promise<FlowFacts>; at: number } | undefined
  const flowFacts = (): Promise<FlowFacts> => {
    if (facts && performance.now() - facts.at < FACTS_MS) return facts.of
    const of = currentFlows().then(({ flows }) => factsOf(flows))
    facts = { of, at: performance.now() }
    of.catch(() => {
      facts = undefined
    })
    return of
  }
  const changed = () => {
    revision += 1
    live.publish('panel-layouts', { revision })
  }

  const find = async (scopes: readonly LayoutScope[]): Promise<Row[]> => {
    const keys = scopes.map(keyOf)
    if (!keys.length) return []
    const rows = await db.selectFrom('panelLayout').selectAll().where('scope', 'in', keys).execute()
    return rows.sort((a, b) => keys.indexOf(a.scope) - keys.indexOf(b.scope)).map(toRow)
  }

  const view = async (asked: LayoutScope, place: string, first?: LayoutScope): Promise<LayoutView> => {
    const scopes = [...(first ? [first] : []), ...fallbacks(asked)]
    const [[found], known] = await Promise.all([find(scopes), flowFacts()])
    // a layout of the shop that names what this place has not is shown without it
    const layout = found?.layout ?? builtInLayout(place)
    return {
      layout,
      ...(found ? { scope: found.scope } : {}),
      revision: found && keyOf(found.scope) === keyOf(first ?? asked) ? found.revision : 0,
      missing: missingFrom(layout, known),
    }
  }

  const requireSound = (layout: PanelLayout, { place }: LayoutScope): void => {
    const faults = judgeLayout(layout, place)
    if (faults.length)
      throw new UserError({
        code: 'layout-wrong',
        message: `This layout cannot be used: ${faults.map(({ tab, fault }) => `${fault} on "${tab}"`).join(', ')}. Arrange it again and save.`,
        details: { faults },
      })
  }
  const clash = (row: Row | undefined, scope: LayoutScope): UserError => {
    const details: LayoutClash = row
      ? { revision: row.revision, layout: row.layout, by: row.by, at: row.at.toISOString(), ...(row.reason ? { reason: row.reason } : {}) }
      : { revision: 0, layout: builtInLayout(scope.place ?? ''), by: '', at: new Date().toISOString() }
    return new UserError({
      code: 'layout-changed',
      status: 409,
      message: row
        ? `${row.by} has saved this panel meanwhile${row.reason ? ` ("${row.reason}")` : ''}. Nothing was overwritten: look at what differs and save again.`
        : 'This layout was removed meanwhile. Nothing was overwritten: save again to have it back.',
      details,
    })
  }

  /** One change, with its version. `layout` null: it is removed. `basedOn` undefined: whatever there is. */
  const change = async (what: {
    scope: LayoutScope
    layout: PanelLayout | null
    basedOn?: number
    reason: string | undefined
    by: Author
    restoredFrom?: string
  }): Promise<number> => {
    const { scope, layout, basedOn, reason, by, restoredFrom } = what
    const key = keyOf(scope)
    const number = await db.transaction().execute(async (tx) => {
      const now = await tx.selectFrom('panelLayout').selectAll().where('scope', '=', key).forUpdate().executeTakeFirst()
      if (basedOn !== undefined && (now?.revision ?? 0) !== basedOn) throw clash((await find([scope]))[0], scope)
      // the version's number is the revision: it is not given again after a removal, so whoever still has an older one open is told
      const { number: next } = await versions.keep(tx, {
        kind: 'panel',
        subject: key,
        title: titleOf(scope),
        content: layout,
        author: by,
        reason,
        restoredFrom,
      })
      if (layout === null) {
        await tx.deleteFrom('panelLayout').where('scope', '=', key).execute()
        return next
      }
      const values = { layout: json(layout), revision: next, by: by.name, at: new Date(), reason: reason ?? null }
      const written = now
        ? await tx.updateTable('panelLayout').set(values).where('scope', '=', key).returning('revision').execute()
        : await tx
            .insertInto('panelLayout')
            .values({ scope: key, place: scope.place ?? null, role: scope.role ?? null, ...values })
            .onConflict((conflict) => conflict.doNothing())
            .returning('revision')
            .execute()
      // somebody else was the first, in this very moment
      if (!written.length) throw clash((await find([scope]))[0], scope)
      return next
    })
    audit.record({
      ...('capabilities' in by ? { caller: by } : { who: by.name, via: 'approval' }),
      action: layout === null ? 'panel layout removed' : 'panel layout saved',
      target: key,
      detail: { revision: number, ...(reason ? { reason } : {}), ...(restoredFrom ? { restoredFrom } : {}) },
    })
    changed()
    return number
  }

  versions.own(
    { kind: 'panel' },
    {
      sees: 'panels.arrange',
      changes: 'panels.arrange',
      async restore({ caller, version, reason }) {
        const scope = scopeOf(version)
        const layout = version.content === null ? null : layoutCheck.parse(version.content, 'The version')
        if (layout) requireSound(layout, scope)
        await change({ scope, layout, reason, by: caller, restoredFrom: version.id })
      },
    },
  )

  const rows = async () => {
    const all = await db.selectFrom('panelLayout').selectAll().orderBy('scope').execute()
    return all.map(toRow)
  }
  const shelf: LayoutShelf = {
    list: rows,
    async of(scope) {
      const { layout, revision: number } = await view(scope, scope.place ?? '')
      return { layout, revision: number }
    },
    async beneath(scope) {
      const [, ...wider] = fallbacks(scope)
      return (await find(wider))[0]?.layout ?? builtInLayout(scope.place ?? '')
    },
    async save({ layout, ...what }) {
      if (layout) requireSound(layout, what.scope)
      return change({ ...what, layout })
    },
  }

  return {
    shelf,
    flowsChanged() {
      facts = undefined
      changed()
    },
    routes: [
      handle(getPanelLayout, ({ query, caller, request }) => {
        const kiosk = kioskOf(request)
        return view({ place: query.place, role: caller.role }, query.place, kiosk?.place === query.place ? kiosk.layout : undefined)
      }),
      handle(getLayoutOf, ({ query: { at, ...scope } }) => view(scope, scope.place ?? at ?? '')),
      handle(listPanelLayouts, async () => {
        return (await rows()).map(
          ({ scope, layout, revision: number, by, at, reason }): LayoutEntry => ({
            scope,
            revision: number,
            tabs: layout.tabs.length,
            by,
            at: at.toISOString(),
            ...(reason ? { reason } : {}),
          }),
        )
      }),
      handle(savePanelLayout, async ({ body, caller }) => {
        requireSound(body.layout, body.scope)
        return { revision: await change({ ...body, by: caller }) }
      }),
      handle(removePanelLayout, async ({ body, caller }) => {
        await change({ ...body, layout: null, by: caller })
        return { ok: true as const }
      }),
      handle(listPlaceables, async () => (await flowFacts()).placeables),
      handle(openDashboardPage, async ({ body, request }) => {
        const path = (await flowFacts()).pages.get(body.pageId)
        if (path === undefined)
          throw new UserError({
            code: 'dashboard-page-gone',
            status: 404,
            message: 'This dashboard page is not in the running flows any more, or is switched off. An engineer can take the tab away or choose another page.',
          })
        if (!isRuntimeThere())
          throw new OperationalError({
            code: 'runtime-away',
            message: 'The flow runtime is being restarted. The dashboard goes on by itself when it is there.',
          })
        return { url: `${openFrame(request)}${path}` }
      }),
    ],
  }
}

function scopeOf({ subject }: KeptVersion): LayoutScope {
  const [place = '*', role = '*'] = subject.split('/')
  return { ...(place === '*' ? {} : { place }), ...(role === '*' ? {} : { role: role as Role }) }
}
