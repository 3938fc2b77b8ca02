/**
 * Moving a machine to another host: an act of a person. While its old host lives, that host lets go of it, and only of a machine
 * that stands and has no job. When the old host is silent nobody here can know how the machine is: a person looks and says so.
 */
import type { Kysely } from 'kysely'
import { OperationalError, UserError } from '../../base/errors.ts'
import type { Hosts } from '../hosts/contract.ts'
import type { Database } from '../store/index.ts'
import { type GuardLink, guardGone } from './guard-link.ts'

type Db = Kysely<Database>
const END_MS = 5000
const GIVE_MS = 15_000

export interface MachineMove {
  machineId: string
  to: string
  /** A person has seen that it stands and that its cable is at the new host. */
  hasLooked: boolean
}

const whyHeld = (name: string, from: string, to: string) =>
  `${name} was moved from host "${from}" to host "${to}". Look at its set-up and release the queue when it may go on.`

async function bind(db: Db, { machineId, from, to }: { machineId: string; from: string; to: string }): Promise<void> {
  const { numUpdatedRows } = await db.updateTable('machine').set({ host: to }).where('id', '=', machineId).where('host', '=', from).executeTakeFirstOrThrow()
  if (numUpdatedRows === 0n)
    throw new UserError({ code: 'machine-moved', status: 409, message: `"${machineId}" was moved or removed by somebody else meanwhile. Look at it again.` })
}

/** On the host that has it. */
async function letGo(options: {
  db: Db
  machineId: string
  name: string
  from: string
  to: string
  link: GuardLink
  before(why: string): Promise<unknown>
}): Promise<void> {
  const { db, machineId, name, from, to, link } = options
  const job = await db.selectFrom('job').select('name').where('machineId', '=', machineId).where('state', '=', 'active').executeTakeFirst()
  if (job)
    throw new UserError({
      code: 'machine-busy',
      status: 409,
      message: `${name} is in use on host "${from}": ${job.name} runs there. Move it when that has ended.`,
    })
  if (link.status !== 'running') throw guardGone(machineId)
  // its queue first: the new host would begin with what waits as soon as it has the machine
  await options.before(whyHeld(name, from, to))
  try {
    // only a machine that stands and that nobody holds
    await link.peer().call('end', {}, { timeoutMs: END_MS })
  } catch (error) {
    if (!(error instanceof OperationalError && error.code === 'connection-lost')) throw error
  }
  await bind(db, { machineId, from, to })
}

/** On whichever host a person asks. */
async function ask(options: {
  db: Db
  hosts: Hosts
  move: MachineMove
  name: string
  from: string
  letGo(): Promise<void>
  before(why: string): Promise<unknown>
}): Promise<void> {
  const { db, hosts, move, name, from } = options
  const { machineId, to, hasLooked } = move
  if (to !== hosts.name) {
    const target = hosts.find(to)
    if (!target) throw new UserError({ code: 'host-unknown', status: 404, message: `No host "${to}" shares this database.` })
    if (target.state !== 'living')
      throw new UserError({ code: 'host-gone', status: 409, message: `Host "${to}" does not run just now: nobody would guard ${name}. Start it first.` })
  }
  if (from === hosts.name) return options.letGo()
  if (!hosts.isGone(from)) {
    await hosts.bus.ask(from, 'machine-give', { machineId, to }, { timeoutMs: GIVE_MS })
    return
  }
  if (!hasLooked)
    throw new UserError({
      code: 'old-host-silent',
      status: 409,
      message: `Host "${from}" is not heard of, so nobody here knows what ${name} is doing: its guard may still run a program. Go there: when it stands and its cable is at host "${to}", say so and move it.`,
    })
  await options.before(whyHeld(name, from, to))
  await bind(db, { machineId, from, to })
}

export const moveMachine = { letGo, ask }
