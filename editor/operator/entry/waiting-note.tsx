/** Values that are not stored yet, and those that were not taken: seen until they are settled. */
import { CloudOff, OctagonAlert } from 'lucide-react'
import { outbox } from './outbox.ts'
import { useWaiting } from './use-outbox.ts'
import { useEntryText } from './words.ts'

export function WaitingNote() {
  const { waiting: text } = useEntryText()
  const all = useWaiting()
  const waiting = all.filter(({ refusal }) => refusal === undefined)
  const refused = all.filter(({ refusal }) => refusal !== undefined)
  if (all.length === 0) return null
  return (
    <div className="op-entry-notes">
      {waiting.length > 0 && (
        <div className="op-entry-note" data-state="warning" role="status" data-testid="entries-waiting">
          <CloudOff size={24} aria-hidden />
          <span>
            <strong>{waiting.length === 1 ? text.one : text.many(String(waiting.length))}</strong> {text.text}{' '}
            <em>{waiting.map(({ name, shown }) => `${name} ${shown}`).join(' · ')}</em>
          </span>
        </div>
      )}
      {refused.map(({ entry, name, shown, refusal }) => (
        <div key={entry.entryId} className="op-entry-note" data-state="alarm" role="alert" data-testid="entry-refused">
          <OctagonAlert size={24} aria-hidden />
          <span>
            <strong>
              {text.refused}: {name} {shown}
            </strong>{' '}
            {refusal}
          </span>
          <button type="button" className="op-plain" onClick={() => outbox.putAside(entry.entryId)} data-testid="put-aside">
            {text.putAside}
          </button>
        </div>
      ))}
    </div>
  )
}
