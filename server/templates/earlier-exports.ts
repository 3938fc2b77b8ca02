/** How templates were made here, so that the next version of one begins where the last ended. */
import type { Kysely } from 'kysely'
import type { BodyOf, EarlierExport, ExportParameter, exportTemplate, FlowNode } from '../api/index.ts'
import { type Database, json } from '../store/index.ts'
import { compareVersions } from './needs.ts'
import { selectNodes, valueAt } from './select.ts'

type Request = BodyOf<typeof exportTemplate>

/** Offered for one choice of nodes. */
const MOST_OFFERED = 5

export interface EarlierExports {
  /** @param flows those it was made of */
  keep(request: Request, flows: readonly FlowNode[], by: string): Promise<void>
  /** Those that were made of some of the chosen nodes, the one that shares most first. */
  of(flows: readonly FlowNode[], chosen: readonly string[], versions: (id: string) => Promise<readonly string[]>): Promise<EarlierExport[]>
}

export function createEarlierExports(db: Kysely<Database>): EarlierExports {
  return {
    async keep({ flows: _, pictures: __, ...request }, flows, by) {
      const values = { version: request.version, nodeIds: json(drawnNodes(flows, request.nodeIds)), request: json(request), by }
      await db
        .insertInto('templateExport')
        .values({ id: request.id, ...values })
        .onConflict((conflict) => conflict.column('id').doUpdateSet({ ...values, at: new Date() }))
        .execute()
    },
    async of(flows, chosen, versions) {
      const byId = new Map(selectNodes(flows, chosen).map((node) => [node.id, node]))
      const wanted = new Set(drawnNodes(flows, chosen))
      const rows = await db.selectFrom('templateExport').select(['version', 'nodeIds', 'request']).execute()
      const near = rows
        .map((row) => ({ ...row, shared: (row.nodeIds as string[]).filter((id) => wanted.has(id)).length }))
        .filter(({ shared }) => shared > 0)
        .toSorted((a, b) => b.shared - a.shared)
        .slice(0, MOST_OFFERED)
      return Promise.all(
        near.map(async ({ version, request }): Promise<EarlierExport> => {
          const { id, name, summary, author, licence, categories, readme, readmeGerman, german, machine, parameters } = request as Request
          return {
            id,
            name,
            summary,
            categories,
            readme,
            ...(author === undefined ? {} : { author }),
            ...(licence === undefined ? {} : { licence }),
            ...(readmeGerman === undefined ? {} : { readmeGerman }),
            ...(german === undefined ? {} : { german }),
            ...(machine === undefined ? {} : { machine }),
            version,
            nextVersion: nextVersion([version, ...(await versions(id))]),
            parameters: parameters.flatMap((each) => stillThere(each, byId)),
          }
        }),
      )
    },
  }
}

/** What is on the canvas of what was chosen, tabs taken for what is on them. */
const drawnNodes = (flows: readonly FlowNode[], chosen: readonly string[]): string[] =>
  selectNodes(flows, chosen)
    .filter(({ x, type }) => x !== undefined && type !== 'group')
    .map(({ id }) => id)

/** Without the places that are gone; nothing when none is left. */
function stillThere(parameter: ExportParameter, nodes: ReadonlyMap<string, FlowNode>): ExportParameter[] {
  const places = parameter.places.filter(({ nodeId, path }) => {
    const node = nodes.get(nodeId)
    return node !== undefined && valueAt(node, path) !== undefined
  })
  return places.length ? [{ ...parameter, places }] : []
}

/** 1.4.9 comes after 1.4.8, whatever changed: who breaks something says so by another number. */
function nextVersion(versions: readonly string[]): string {
  const [newest = '0.9.9'] = versions.toSorted((a, b) => compareVersions(b, a))
  const [major = 1, minor = 0, patch = 0] = newest.split('.').map(Number)
  return `${major}.${minor}.${patch + 1}`
}
