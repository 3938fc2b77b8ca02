/**
 * Passwords and context of an import. The flows lie in a draft, which is no place for passwords; they wait here, and come with the
 * deploy of their nodes by the person who imported them. Nobody else's nodes get them, nor a node of another type that took an id.
 */
import type { Kysely } from 'kysely'
import { newId } from '../../base/ids.ts'
import type { FlowNode } from '../api/index.ts'
import { sameJson } from '../api/same-json.ts'
import type { Arrivals, ArrivingContext } from '../flows/contract.ts'
import type { Secrets } from '../secrets/index.ts'
import type { Database } from '../store/index.ts'
import { keptUntil } from './rows.ts'

interface Waiting {
  /** By node id: what was brought is for a node of this type. */
  nodes: Record<string, { type: string; credentials?: Record<string, unknown> }>
  context: ArrivingContext[]
}

interface WaitingView {
  id: string
  name: string
  at: string
  secrets: number
  contextKeys: number
}

export interface ArrivalShelf extends Arrivals {
  put(owner: string, name: string, waiting: Waiting): Promise<void>
  list(owner: string): Promise<WaitingView[]>
  /** @returns whether there was one */
  remove(id: string, owner: string): Promise<boolean>
}

export function createArrivals(db: Kysely<Database>, secrets: Pick<Secrets, 'seal' | 'open'>): ArrivalShelf {
  const of = async (owner: string) => {
    const rows = await db.selectFrom('moveInArrival').selectAll().where('owner', '=', owner).where('until', '>', new Date()).orderBy('at').execute()
    return rows.map(({ content, ...row }) => ({ ...row, ...(JSON.parse(secrets.open(content)) as Waiting) }))
  }
  const withSecrets = (nodes: Waiting['nodes']) => Object.entries(nodes).flatMap(([id, { credentials }]) => (credentials ? [{ id, credentials }] : []))
  return {
    async put(owner, name, waiting) {
      await db.deleteFrom('moveInArrival').where('until', '<', new Date()).execute()
      await db
        .insertInto('moveInArrival')
        .values({ id: newId('mvi'), owner, name, at: new Date(), until: keptUntil(), content: secrets.seal(JSON.stringify(waiting)) })
        .execute()
    },
    async list(owner) {
      return (await of(owner)).map(({ id, name, at, nodes, context }) => ({
        id,
        name,
        at: at.toISOString(),
        secrets: withSecrets(nodes).length,
        contextKeys: context.length,
      }))
    },
    async remove(id, owner) {
      const gone = await db.deleteFrom('moveInArrival').where('id', '=', id).where('owner', '=', owner).returning('id').executeTakeFirst()
      return gone !== undefined
    },
    async names(owner) {
      return Object.fromEntries((await of(owner)).flatMap(({ nodes }) => withSecrets(nodes).map(({ id, credentials }) => [id, Object.keys(credentials)])))
    },
    async of(flows, before, owner) {
      const waiting = await of(owner)
      if (!waiting.length) return undefined
      const next = new Map(flows.map((node) => [node.id, node]))
      const known = new Map(before.map((node) => [node.id, node]))
      const credentials: Record<string, Record<string, unknown>> = {}
      const context: ArrivingContext[] = []
      const arrived: string[] = []
      for (const one of waiting) {
        // a draft that was dropped leaves what runs as it was: its passwords are for nobody then
        const comes = (id: string) => isFor(one.nodes[id], next.get(id), known.get(id))
        const ids = Object.keys(one.nodes).filter(comes)
        if (!ids.length) continue
        arrived.push(one.id)
        for (const { id, credentials: set } of withSecrets(one.nodes)) if (comes(id)) credentials[id] = set
        context.push(...one.context)
      }
      if (!arrived.length) return undefined
      return {
        credentials,
        context,
        arrived: async () => {
          await db.deleteFrom('moveInArrival').where('id', 'in', arrived).execute()
        },
      }
    },
  }
}

function isFor(wanted: { type: string } | undefined, node: FlowNode | undefined, before: FlowNode | undefined): boolean {
  return wanted !== undefined && node?.type === wanted.type && !(before && sameJson(before, node))
}
