/** Where something comes from that passes in a rehearsal: by a word, a sign and a frame, so that a sample is never taken for real. */
import { Check, CircleSlash, FlaskConical, History, type LucideIcon, Pencil, Unplug } from 'lucide-react'
import type { CaughtCall } from '../../../server/api/rehearsal.ts'
import { formats } from '../../shared/text/index.ts'
import { useRehearsalText } from './text.ts'

type Source = CaughtCall['answeredFrom']

const ICONS: Record<Source, LucideIcon> = { given: Pencil, recorded: History, sample: FlaskConical, failure: Unplug, accepted: Check, none: CircleSlash }

interface Props {
  from: Source
  at?: string | undefined
  runId?: string | undefined
  /** It has not happened yet. */
  isAhead?: boolean
}

export function SourceBadge({ from, at, runId, isAhead }: Props) {
  const text = useRehearsalText().sources
  const Icon = ICONS[from]
  const words = from === 'recorded' && at !== undefined ? text.recordedAt(formats().dateTime(at)) : from === 'failure' && isAhead ? text.fails : text[from]
  return (
    <span className="rehearsal-source" data-from={from} title={text.says[from]} data-testid={`rehearsal-source-${from}`}>
      <Icon size={13} aria-hidden />
      {runId === undefined ? words : <a href={`/runs#${runId}`}>{words}</a>}
    </span>
  )
}
