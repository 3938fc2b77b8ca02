/** Listens to notifications (LISTEN and NOTIFY). What is told while the connection is down is lost. */
import type { Client } from 'pg'
import { newId } from '../../base/ids.ts'
import { type ConnectorContext, type RunningConnector, takesNoConfirmations, toldOf } from '../contract.ts'
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

  const listen = async (): Promise<void> => {
    const next = await open(settings, secrets)
    next.on('notification', ({ channel, payload = '' }) => {
      void teller.tell({ key: newId('evt'), subject: channel, text: `notification on ${channel}`, payload: { channel, message: parsed(payload) } })
      if (teller.isFull) letWait(next)
    })
    next.once('end', lost)
    client = next
    for (const channel of settings.channels ?? []) await next.query(`listen "${channel}"`)
    if (context.signal.aborted) await next.end()
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
    health.set('database', {
      code: 'database-lost',
      text: `The connection to the database at ${where} was lost. It is tried again, at least every 30 s. Notifications meanwhile are lost.`,
      blanks: { where },
    })
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
          const told = toldOf(error)
          retryMs = told.code === 'database-away' ? Math.min(retryMs * 2, LAST_RETRY_MS) : REFUSED_RETRY_MS
          health.set('database', told)
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
