/** The ways to people: what of a message is still for them in the moment it goes out, and how it goes. */
import type { Kysely } from 'kysely'
import type { Notice } from '../../adapters/contract.ts'
import { messageOf, UserError } from '../../base/errors.ts'
import { eventInWords, type PanelMessage } from '../api/index.ts'
import type { Database } from '../store/tables.ts'
import { composeMail, headOf, worstOf } from './mail/compose.ts'
import { type MailServer, sendMail } from './mail/transport.ts'
import { quietUntil } from './match.ts'
import type { Batch, BatchRow, Outcome } from './outbox.ts'
import { mayHear, type Person, readPeople } from './people.ts'
import type { PushSending } from './push/send.ts'
import type { Way } from './sender.ts'

/** Until somebody sets mail again. */
const LATER_MS = 15 * 60_000

const idOf = (to: string): string => to.slice(to.indexOf(':') + 1)
const isPerson = (to: string): boolean => to.startsWith('person:')

export function createWays(deps: {
  db: Kysely<Database>
  server: () => Promise<MailServer | undefined>
  push: PushSending
  notices: { send(connectionId: string, notice: Notice): Promise<string> }
  /** What of a matter stands on the panels. */
  standing: (keyOrId: string) => PanelMessage | undefined
  shop: () => string
  /** Where the pages are, for who is told. */
  pages: () => string | undefined
}): Record<'mail' | 'push' | 'connection', Way> {
  const { db, server, push, notices, standing, shop, pages } = deps

  /** Nobody has acknowledged it, and it is not over. */
  const isUnseen = ({ panelKey, event }: BatchRow): boolean => {
    const messageId = event.data.messageId
    const message = standing(panelKey ?? '') ?? (typeof messageId === 'string' ? standing(messageId) : undefined)
    return message !== undefined && message.acknowledgedAt === undefined && (message.endedAt === undefined || message.needsAck)
  }

  const sieve: Way['sieve'] = async (batch) => {
    const others: { row: BatchRow; outcome: Outcome }[] = []
    const person = isPerson(batch.to) ? (await readPeople(db)).get(idOf(batch.to)) : undefined
    const now = new Date()
    const outcomeOf = (row: BatchRow): Outcome | undefined => {
      if (row.afterS > 0 && !isUnseen(row)) return { what: 'dropped', error: 'Somebody has seen to it.' }
      if (!isPerson(batch.to)) return undefined
      if (!person) return { what: 'dropped', error: 'This person may not sign in any more.' }
      if (row.event.type !== 'test' && !mayHear(person, row.event.type)) return { what: 'dropped', error: 'This person may not hear of it any more.' }
      if (person.settings.muted.some((type) => type === row.event.type)) return { what: 'dropped', error: 'This person has muted it.' }
      const until = quietUntil(person.settings, row.event.severity, now)
      return until && { what: 'later', at: until }
    }
    const rows = batch.rows.filter((row) => {
      const outcome = outcomeOf(row)
      if (outcome) others.push({ row, outcome })
      return !outcome
    })
    return { rows, others }
  }
  const personOf = async (batch: Batch): Promise<Person | undefined> => (await readPeople(db)).get(idOf(batch.to))
  const eventsOf = (batch: Batch) => batch.rows.map(({ event }) => event)

  return {
    mail: {
      sieve,
      async send(batch, signal) {
        const found = await server()
        if (!found) return { what: 'later', at: new Date(Date.now() + LATER_MS) }
        const person = isPerson(batch.to) ? await personOf(batch) : undefined
        const to = isPerson(batch.to) ? person?.settings.address : idOf(batch.to)
        if (!to) return { what: 'dropped', error: 'This person has no mail address any more.' }
        const mail = composeMail(eventsOf(batch), { language: person?.settings.language ?? batch.language, shop: shop(), url: pages() })
        const { isSent, answer = '', status, isFinal } = await sendMail(found, { to, ...mail, messageId: batch.messageId }, signal)
        const facts = status === undefined ? {} : { status }
        if (isSent) return { what: 'sent' }
        return { what: isFinal ? 'dead' : 'again', error: answer, ...facts }
      },
    },
    push: {
      sieve,
      async send(batch, signal) {
        const person = await personOf(batch)
        return push.send(
          { messageId: batch.messageId, userId: idOf(batch.to), language: person?.settings.language ?? batch.language, events: eventsOf(batch) },
          signal,
        )
      },
    },
    connection: {
      sieve,
      async send(batch) {
        const events = eventsOf(batch)
        const worst = worstOf(events)
        if (!worst) return { what: 'dropped', error: 'There is nothing to say.' }
        const { language } = batch
        const text = events.length > 1 ? events.map((event) => eventInWords(event, language).title).join('\n') : eventInWords(worst, language).text
        const machine = typeof worst.data.machine === 'string' ? worst.data.machine : undefined
        try {
          // from here on it is the connection's own outbox that tries until it is there
          await notices.send(idOf(batch.to), {
            key: batch.messageId,
            priority: worst.severity === 'alarm' ? 'alarm' : 'warning',
            title: headOf(events, language),
            at: worst.at,
            ...(text ? { text: text.slice(0, 2000) } : {}),
            ...(machine ? { machine } : {}),
          })
          return { what: 'sent' }
        } catch (error) {
          return { what: error instanceof UserError ? 'dead' : 'again', error: messageOf(error) }
        }
      },
    },
  }
}
