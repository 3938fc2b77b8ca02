/** Listens to notifications (LISTEN and NOTIFY). What is told while the connection is down is lost. */
import type { Client } from 'pg'
import { OperationalError, UserError } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import { type ConnectorContext, type RunningConnector, type Told, takesNoConfirmations, toldOf } from '../contract.ts'
import { createHealth } from '../health.ts'
import { createTeller } from '../teller.ts'
import { open } from './open.ts'
import type { Settings } from './settings.ts'

const FIRST_RETRY_MS = 1000
const LAST_RETRY_MS = 30_000
/** A database that refuses is asked seldom. */
const REFUSED_RETRY_MS = 60_000
/** A connection that is silently dead is found out by asking. */
const ASK_MS = 15_000

export async function listenTo(settings: Settings, secrets: Record<string, string>, context: ConnectorContext): Promise<RunningConnector> {
  const health = createHealth(context, ['database', 'gateway'])
  const teller = createTeller(context, (trouble) => health.set('gateway', trouble))
  const where = `${settings.host}:${settings.port}`
  let client: Client | undefined
  let timer: NodeJS.Timeout | undefined
  let retryMs = FIRST_RETRY_MS
  const lostTold: Told = {
    code: 'database-lost',
    text: `The connection to the database at ${where} was lost. It is tried again, at least every 30 s. Notifications meanwhile are lost.`,
    blanks: { where },
  }

  const listen = async (): Promise<void> => {
    const next = await open(settings, secrets)
    next.on('notification', ({ channel, payload = '' }) => {
      void teller.tell({ key: newId('evt'), subject: channel, text: `notification on ${channel}`, payload: { channel, message: parsed(payload) } })
      if (teller.isFull) letWait(next)
    })
    try {
      for (const channel of settings.channels ?? []) await next.query(`listen "${channel}"`)
    } catch (error) {
      await next.end().catch(() => {}) // gone already
      throw error
    }
    if (context.signal.aborted) return next.end()
    // only now: one that is lost before is tried again by whoever opened it, and must not be tried twice
    next.once('end', lost)
    client = next
  }
  /** Reads nothing more until there is room: the database keeps what comes (PostgreSQL, NOTIFY: a queue of 8 GB). */
  const letWait = (from: Client) => {
    const { stream } = (from as unknown as { connection: { stream: NodeJS.ReadableStream } }).connection
    if (stream.isPaused()) return
    stream.pause()
    void teller.room().then(() => stream.resume())
  }
  function lost(): void {
    client = undefined
    if (context.signal.aborted) return
    health.set('database', lostTold)
    again()
  }
  const again = () => {
    if (context.signal.aborted) return
    timer = setTimeout(() => {
      listen().then(
        () => {
          retryMs = FIRST_RETRY_MS
          health.set('database')
        },
        (error: unknown) => {
          retryMs = error instanceof UserError ? REFUSED_RETRY_MS : Math.min(retryMs * 2, LAST_RETRY_MS)
          // what is neither came of the line itself: lost again while it began to listen
          health.set('database', error instanceof UserError || error instanceof OperationalError ? toldOf(error) : lostTold)
          again()
        },
      )
    }, retryMs)
  }
  await listen()
  const asking = setInterval(() => {
    const asked = client
    asked?.query('select 1').catch(() => asked.end().catch(() => {})) // its end says the rest
  }, ASK_MS)
  return {
    confirm: takesNoConfirmations,
    async close() {
      clearTimeout(timer)
      clearInterval(asking)
      const last = client
      last?.removeListener('end', lost)
      await last?.end().catch(() => {}) // gone already
      await teller.close()
    },
  }
}

/** JSON where it is JSON, else the text. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    // plain text is as good a message
    return text
  }
}
