/** Roles that a shop makes. Ours stay as they are. Nobody gives more than they have; a change counts at once. */
import { type Kysely, sql } from 'kysely'
import { UserError } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import { type BodyOf, type Capability, changeRole, addRole as declaredAdd, listRoles, ROLE_NAMES, ROLES, type RoleView, removeRole } from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import { type Database, json } from '../store/index.ts'
import type { Caller } from './caller.ts'
import type { Memory } from './memory.ts'
import { beyond, rightsOfRow } from './rights.ts'

type RoleBody = BodyOf<typeof declaredAdd>

const notFound = () => new UserError({ code: 'role-not-found', status: 404, message: 'There is no such role of the shop any more. Reload the list.' })

export function roleRoutes({ db, memory, audit }: { db: Kysely<Database>; memory: Memory; audit: Audit }): RouteHandler[] {
  const columns = ['id', 'name', 'basedOn', 'capabilities', 'by', 'at'] as const
  const view = (row: { id: string; name: string; basedOn: string; capabilities: unknown; by: string; at: Date }): RoleView => {
    const { base, capabilities } = rightsOfRow(row)
    return { id: row.id, name: row.name, isOurs: false, basedOn: base, capabilities: [...capabilities], by: row.by, at: row.at.toISOString() }
  }
  const mustCover = (by: Caller, name: string, capabilities: Iterable<Capability>) => {
    const more = beyond(capabilities, by.capabilities)
    if (more.length)
      throw new UserError({
        code: 'role-too-wide',
        status: 403,
        message: `The role "${name}" could do what you may not (${more.join(', ')}). A role never has more than the rights of whoever makes or changes it.`,
        details: { role: name, more },
      })
  }
  const mustBeFree = async (name: string, except?: string) => {
    const taken = await db
      .selectFrom('role')
      .select('id')
      .where(sql`lower(name)`, '=', name.toLowerCase())
      .where('id', '!=', except ?? '')
      .executeTakeFirst()
    if (taken || (ROLE_NAMES as string[]).includes(name.toLowerCase()))
      throw new UserError({ code: 'role-name-taken', status: 409, message: `There is a role "${name}" already. Choose another name.`, details: { name } })
  }
  const valuesOf = ({ name, basedOn, capabilities }: RoleBody, caller: Caller) => ({
    name: name.trim(),
    basedOn,
    capabilities: json(capabilities),
    by: caller.name,
    at: new Date(),
  })
  const find = async (id: string) => {
    const row = await db.selectFrom('role').select(columns).where('id', '=', id).executeTakeFirst()
    if (!row) throw notFound()
    return row
  }
  const detailOf = ({ name, basedOn, capabilities }: RoleView) => ({ name, basedOn, capabilities })

  return [
    handle(listRoles, async () => {
      const made = await db.selectFrom('role').select(columns).orderBy('name').execute()
      return [...ROLE_NAMES.map((id): RoleView => ({ id, name: id, isOurs: true, basedOn: id, capabilities: [...ROLES[id]] })), ...made.map(view)]
    }),
    handle(declaredAdd, async ({ body, caller }) => {
      mustCover(caller, body.name, body.capabilities)
      await mustBeFree(body.name.trim())
      const row = await db
        .insertInto('role')
        .values({ id: newId('rol'), ...valuesOf(body, caller) })
        .returning(columns)
        .executeTakeFirstOrThrow()
      memory.putRole(rightsOfRow(row))
      const made = view(row)
      audit.record({ caller, action: 'role.add', target: row.id, detail: detailOf(made) })
      return made
    }),
    handle(changeRole, async ({ params, body, caller }) => {
      const before = view(await find(params.roleId))
      // who has it may have more than the caller: that is not theirs to change
      mustCover(caller, before.name, before.capabilities)
      mustCover(caller, body.name, body.capabilities)
      await mustBeFree(body.name.trim(), params.roleId)
      const row = await db.updateTable('role').set(valuesOf(body, caller)).where('id', '=', params.roleId).returning(columns).executeTakeFirst()
      if (!row) throw notFound()
      memory.putRole(rightsOfRow(row))
      const after = view(row)
      audit.record({ caller, action: 'role.change', target: row.id, detail: { ...detailOf(after), before: detailOf(before) } })
      return after
    }),
    handle(removeRole, async ({ params, caller }) => {
      const role = view(await find(params.roleId))
      mustCover(caller, role.name, role.capabilities)
      const { people, tokens } = await db.transaction().execute(async (tx) => {
        const people = await tx.selectFrom('user').select('name').where('role', '=', role.id).orderBy('name').execute()
        const tokens = await tx.selectFrom('apiToken').select('name').where('role', '=', role.id).where('revokedAt', 'is', null).execute()
        if (!people.length && !tokens.length) await tx.deleteFrom('role').where('id', '=', role.id).execute()
        return { people: people.map(({ name }) => name), tokens: tokens.map(({ name }) => name) }
      })
      if (people.length || tokens.length)
        throw new UserError({
          code: 'role-in-use',
          status: 409,
          message: `The role "${role.name}" is in use: ${[...people, ...tokens.map((name) => `API token "${name}"`)].join(', ')}. Give them another first.`,
          details: { name: role.name, people, tokens },
        })
      memory.dropRole(role.id)
      audit.record({ caller, action: 'role.remove', target: role.id, detail: detailOf(role) })
      return { ok: true as const }
    }),
  ]
}
