/** What steps were given, on its way from the runtime into the database: bounded while it waits, without the secrets we know. */
import type { Kysely } from 'kysely'
import { messageOf } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { Database } from '../store/tables.ts'
import { insertMessages, type MessageToKeep } from './messages.ts'
import type { RunRecord } from './run-record.ts'
import { type Redact, redactor, redactWords } from './secrets-out.ts'
import type { TracedMessage } from './trace.ts'

const MESSAGES_PER_STATEMENT = 200
/** Characters that may wait for a database that is away; a second of the runtime brings a million at most. */
const MAX_WAITING = 32_000_000

export interface MessageWriter {
  /** Those that there is room for, as long as nothing is counted anew. */
  admit(messages: TracedMessage[]): TracedMessage[]
  /** Counts what waits: not all that was let in belongs to a step that is described. */
  count(records: Iterable<RunRecord>): void
  /** Takes secrets out of messages and words, before anything of them is written. */
  hideSecrets(batch: readonly RunRecord[]): Promise<void>
  /** After their runs, which say that they are there. */
  write(batch: readonly RunRecord[]): Promise<void>
}

export function createMessageWriter(options: {
  db: Kysely<Database>
  log: Logger
  secrets: () => readonly string[] | Promise<readonly string[]>
  keepsMessages: () => boolean
  /** The database refuses the values, as against being away. */
  isDataError: (error: unknown) => boolean
}): MessageWriter {
  const { db, log, secrets, keepsMessages, isDataError } = options
  let waiting = 0
  /** Without secrets already: written again after a failure they are the same. */
  const hidden = new WeakSet<TracedMessage>()

  const hide = (record: RunRecord, redact: Redact) => {
    if (record.hasWords) redactWords(record, redact)
    for (const message of record.messages) {
      if (hidden.has(message)) continue
      hidden.add(message)
      const { json, isChanged } = redact(message.json)
      if (!isChanged) continue
      message.json = json
      message.isWhole = false
      const hop = record.detail.find(({ seq }) => seq === message.seq)
      if (hop) hop.message = 'part'
    }
  }

  return {
    admit(messages) {
      if (!keepsMessages() || waiting > MAX_WAITING) return []
      for (const { json } of messages) waiting += json.length
      return messages
    },
    count(records) {
      waiting = 0
      for (const record of records) for (const { json } of record.messages) waiting += json.length
    },
    async hideSecrets(batch) {
      const some = batch.filter(({ hasWords, messages }) => hasWords || messages.length > 0)
      if (!some.length) return
      const redact = redactor(await secrets())
      for (const record of some) hide(record, redact)
    },
    async write(batch) {
      // what comes meanwhile may still hold a secret, and is written the next time
      const all = batch.flatMap((record) => record.messages.filter((message) => hidden.has(message)).map((message) => ({ record, message })))
      for (let from = 0; from < all.length; from += MESSAGES_PER_STATEMENT) {
        const some = all.slice(from, from + MESSAGES_PER_STATEMENT)
        try {
          await insertMessages(
            db,
            some.map(({ record, message }): MessageToKeep => ({ ...message, runId: record.id })),
          )
        } catch (error) {
          if (!isDataError(error)) throw error
          log.warn({ reason: messageOf(error), messages: some.length }, 'kept messages could not be stored and are dropped')
        }
        const gone = new Set(some.map(({ message }) => message))
        for (const record of new Set(some.map((each) => each.record))) record.messages = record.messages.filter((message) => !gone.has(message))
      }
    },
  }
}
