/** How a connection is: word, shape and colour. */
import { CircleAlert, CircleCheck, CircleDashed, CirclePause, Hourglass } from 'lucide-react'
import type { Connection } from '../../server/api/connections.ts'
import { useConnectionsText } from '../shared/connections/words.ts'
import { type Look, lookOf, wordOf } from './state.ts'

const ICONS: Record<Look, typeof CircleCheck> = { running: CircleCheck, waiting: Hourglass, failing: CircleAlert, starting: CircleDashed, off: CirclePause }

export function StatePill({ connection }: { connection: Connection }) {
  const text = useConnectionsText()
  const look = lookOf(connection)
  const Icon = ICONS[look]
  return (
    <span className="list-state connections-state" data-state={look} data-testid={`state-${connection.id}`}>
      <Icon size={14} aria-hidden /> {wordOf(connection, text)}
    </span>
  )
}
