/** Tells the panels which gauges are due: looked at when one changes, and every quarter of an hour. */
import { messageOf } from '../../../base/errors.ts'
import type { Logger } from '../../../base/log.ts'
import type { Gauge } from '../../api/index.ts'
import type { MessagesPart } from '../../panel/messages.ts'
import type { Gauges } from './contract.ts'

const LOOK_MS = 15 * 60_000

export interface GaugeReminders {
  /** Looks at all of them. */
  look(): Promise<void>
  start(): Promise<void>
  close(): void
}

/** @param deps.leads of several hosts one reminds */
export function createGaugeReminders(deps: {
  gauges: Pick<Gauges, 'list' | 'onChange'>
  messages: Pick<MessagesPart, 'raise' | 'end'>
  log: Logger
  leads: () => boolean
}): GaugeReminders {
  const { gauges, messages, log, leads } = deps
  let reminded = new Set<string>()
  let timer: NodeJS.Timeout | undefined

  const look = async () => {
    const all = leads() ? await gauges.list() : []
    const due = all.flatMap((gauge) => reminderOf(gauge) ?? [])
    const now = new Set(due.map(({ key }) => key))
    for (const reminder of due) messages.raise({ kind: 'flow', by: 'Cellwright', needsAck: false, lasts: true, ...reminder })
    // also what an earlier life of this server has said
    for (const key of [...reminded, ...all.map(({ id }) => keyOf(id))]) if (!now.has(key)) messages.end(key)
    reminded = now
  }
  const lookSoon = () => void look().catch((error: unknown) => log.warn({ reason: messageOf(error) }, 'the calibrations of gauges could not be looked at'))
  return {
    look,
    async start() {
      await look()
      gauges.onChange(lookSoon)
      timer = setInterval(lookSoon, LOOK_MS)
      timer.unref()
    },
    close: () => clearInterval(timer),
  }
}

const keyOf = (gaugeId: string) => `gauge ${gaugeId}`

function reminderOf({ id, definition: { name, place }, state, calibration }: Gauge) {
  const key = keyOf(id)
  const day = calibration?.dueAt.slice(0, 10) ?? ''
  const where = place ? ` It is kept at: ${place}.` : ''
  // whoever measures with it is told so in the mask; on a panel this is no alarm of its machine
  switch (state) {
    case 'overdue':
      return {
        key,
        priority: 'info' as const,
        title: `Gauge "${name}": calibration overdue`,
        text: `It was due ${day}. Take another gauge until it is calibrated.${where}`,
      }
    case 'failed':
      return {
        key,
        priority: 'warning' as const,
        title: `Gauge "${name}" did not pass its calibration`,
        text: `Do not measure with it. Look at what was measured with it since it was good last.${where}`,
      }
    case 'due-soon':
      return { key, priority: 'info' as const, title: `Gauge "${name}": calibration due ${day}`, text: `Send it to be calibrated in time.${where}` }
    case 'good':
    case 'never':
      return undefined
    default:
      return state satisfies never
  }
}
