/** The queues that belong to no machine, and the dead letters. */
import { CircleAlert, Inbox, MailX, Pause, Send, Workflow, Wrench } from 'lucide-react'
import type { JobQueue } from '../../server/api/jobs.ts'
import { formats, useLanguage } from '../shared/text/index.ts'
import { nameOf } from './queue-name.ts'
import { useJobsText } from './use-jobs-text.ts'

const ICONS = { flow: Workflow, adapter: Send, maintenance: Wrench, machine: Inbox }

export function QueueChips({ queues, chosen, onChoose }: { queues: readonly JobQueue[]; chosen: string | undefined; onChoose: (queue: string) => void }) {
  const text = useJobsText()
  const format = formats(useLanguage())
  const dead = queues.reduce((sum, queue) => sum + queue.dead, 0)
  return (
    <nav className="jobs-chips" aria-label={text.queues}>
      {queues
        .filter(({ kind }) => kind !== 'machine')
        .map((queue) => {
          const Icon = ICONS[queue.kind]
          return (
            <button
              key={queue.queue}
              type="button"
              aria-pressed={queue.queue === chosen}
              onClick={() => onChoose(queue.queue)}
              data-testid={`queue-${queue.queue}`}
            >
              <Icon size={16} aria-hidden />
              <strong>{nameOf(queue, text)}</strong>
              <span className="cw-numbers">{text.waits(format.number(queue.waiting))}</span>
              {queue.mode !== 'open' && (
                <span className="jobs-mark" data-tone="action">
                  <Pause size={14} aria-hidden />
                  {text.mode[queue.mode]}
                </span>
              )}
            </button>
          )
        })}
      <button type="button" aria-pressed={chosen === 'letters'} onClick={() => onChoose('letters')} data-testid="queue-letters">
        <MailX size={16} aria-hidden />
        <strong>{text.queue.letters}</strong>
        {dead > 0 ? (
          <span className="jobs-mark cw-numbers" data-tone="warning">
            <CircleAlert size={14} aria-hidden />
            {format.number(dead)}
          </span>
        ) : (
          <span className="cw-numbers">0</span>
        )}
      </button>
    </nav>
  )
}
