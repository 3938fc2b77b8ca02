/** What a host worked on that is gone (server/hosts says which are) is settled by the others. */
import type { JobsContext } from './context.ts'
import { endJob, putBack } from './rows.ts'

export interface GoneHosts {
  /** Settles what hosts that are gone worked on: never begun again where it may have been done, but for confirmations. */
  settleGone(): Promise<void>
  /** Tells nodes of this host how jobs ended that others worked on: what the others told of it at once may have been lost. */
  tellMissed(): Promise<void>
}

/** Looked back so far, more than the time between two looks and what clocks of hosts may differ by. */
const LOOK_BACK_MS = 120_000

export function createGoneHosts({ context }: { context: JobsContext }): GoneHosts {
  const { db, host, hosts } = context
  return {
    async tellMissed() {
      if (hosts.list().length < 2) return
      const rows = await db
        .selectFrom('job')
        .selectAll()
        .where('askedOn', '=', host)
        .where('nodeId', 'is not', null)
        .whereRef('host', '<>', 'askedOn')
        .where('endedAt', '>', new Date(Date.now() - LOOK_BACK_MS))
        .execute()
      for (const row of rows) context.tellNode(row)
    },
    async settleGone() {
      const active = db
        .selectFrom('job')
        .where('state', '=', 'active')
        // its machine is wired to its own host, which asks the guard when it is back
        .where('kind', '<>', 'program')
        .where('host', 'is not', null)
        .where('host', '<>', host)
      const names = (await active.select('host').distinct().execute()).flatMap((row) => row.host ?? [])
      const gone = names.filter((name) => hosts.isGone(name))
      if (!gone.length) return
      for (const row of await active.selectAll().where('host', 'in', gone).execute()) {
        const reason = `The host that worked on it ("${row.host}") is not heard of any more.`
        if (row.kind === 'confirmation' || row.runId === null) {
          // sent twice it is one; without a run no flow has it
          const again = await putBack(db, row.id, reason)
          if (!again) continue
          context.changed(again)
          await context.announce(again)
        } else {
          const ended = await endJob(db, row.id, {
            state: 'interrupted',
            cause: 'gateway-gone',
            reason: `${reason} Look at what it did before you start it again.`,
          })
          if (ended) await context.ended(ended)
        }
      }
    },
  }
}
