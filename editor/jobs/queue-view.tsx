/** One queue: who holds it, what runs, what waits in which order, what has ended. */
import { Button, SegmentedControl, Tooltip } from '@mantine/core'
import { ArrowDownToLine, Pause, Play, Settings2 } from 'lucide-react'
import { useState } from 'react'
import { changeQueue, type JobQueue } from '../../server/api/jobs.ts'
import { call } from '../shared/api.ts'
import { useHostsText } from '../shared/machine/host-note.tsx'
import { formats, useLanguage } from '../shared/text/index.ts'
import { useServerWords } from '../shared/text/server-words.ts'
import { ActiveJobs } from './active-jobs.tsx'
import type { Ask } from './dialogs/asked.ts'
import { EndedList } from './ended-list.tsx'
import { QueueList } from './queue-list.tsx'
import { nameOf } from './queue-name.ts'
import type { Rights } from './rights.ts'
import { shortTime } from './short-time.ts'
import { useAct } from './use-act.ts'
import { useJobsText } from './use-jobs-text.ts'
import { useRows } from './use-rows.ts'

interface QueueViewProps extends Rights {
  queue: JobQueue
  version: number
  onAsk: Ask
  onChanged: (queue?: string) => void
}

export function QueueView({ queue, version, mayManage, mayMove, onAsk, onChanged }: QueueViewProps) {
  const text = useJobsText()
  const hostsText = useHostsText()
  const [shows, show] = useState<'waiting' | 'ended'>('waiting')
  const rows = useRows(queue.queue, version)
  const name = nameOf(queue, text)
  return (
    <section className="jobs-queue" aria-label={name} data-testid="queue" data-mode={queue.mode}>
      <header>
        <h2>{name}</h2>
        <Controls queue={queue} mayManage={mayManage} next={rows.rows[0]?.name} onAsk={onAsk} onChanged={onChanged} />
      </header>
      <Held queue={queue} />
      {queue.host && <p className="jobs-note">{queue.host.isSilent ? hostsText.queueWaits(queue.host.name) : hostsText.queueElsewhere(queue.host.name)}</p>}
      {queue.kind !== 'machine' && <p className="jobs-note">{text.meaning[queue.kind]}</p>}
      <ActiveJobs queue={queue} mayManage={mayManage} onAsk={onAsk} onChanged={onChanged} />
      <SegmentedControl
        aria-label={text.view}
        size="xs"
        value={shows}
        onChange={(value) => show(value as typeof shows)}
        data={[
          { value: 'waiting', label: `${text.waiting} (${rows.total ?? queue.waiting})` },
          { value: 'ended', label: text.ended },
        ]}
      />
      {shows === 'ended' ? (
        <EndedList queue={queue} version={version} mayManage={mayManage} mayMove={mayMove} onAsk={onAsk} />
      ) : (
        <QueueList queue={queue} rows={rows} mayManage={mayManage} mayMove={mayMove} onAsk={onAsk} onChanged={onChanged} />
      )}
    </section>
  )
}

function Held({ queue }: { queue: JobQueue }) {
  const text = useJobsText()
  const words = useServerWords()
  const format = formats(useLanguage())
  if (queue.mode === 'open') return queue.rate ? <p className="jobs-note">{text.rate(String(queue.rate.jobs), String(queue.rate.seconds))}</p> : null
  const say = queue.mode === 'held' ? text.heldBy : text.drainedBy
  return (
    <p className="jobs-held" data-testid="held">
      <Pause size={16} aria-hidden />
      <strong>{say(queue.by ?? '', queue.since === undefined ? '' : shortTime(queue.since, format))}</strong>
      {queue.why && <span>{words(queue.why)}</span>}
    </p>
  )
}

function Controls({
  queue,
  mayManage,
  next,
  onAsk,
  onChanged,
}: {
  queue: JobQueue
  mayManage: boolean
  next: string | undefined
  onAsk: Ask
  onChanged: (queue?: string) => void
}) {
  const text = useJobsText()
  const act = useAct()
  if (!mayManage) return null
  const release = () => {
    // what will move a machine is said first, and done by a kept press
    if (queue.kind === 'machine' && next !== undefined && queue.mode === 'held') onAsk({ what: 'release', queue, next })
    else void act(() => changeQueueTo(queue, 'open')).then(() => onChanged(queue.queue))
  }
  return (
    <div className="jobs-controls">
      {queue.mode === 'open' ? (
        <>
          <Button
            variant="default"
            leftSection={<Pause size={16} aria-hidden />}
            onClick={() => onAsk({ what: 'hold', queue, mode: 'held' })}
            data-testid="hold-queue"
          >
            {text.hold}
          </Button>
          <Button
            variant="default"
            leftSection={<ArrowDownToLine size={16} aria-hidden />}
            onClick={() => onAsk({ what: 'hold', queue, mode: 'draining' })}
            data-testid="drain-queue"
          >
            {text.drain}
          </Button>
        </>
      ) : (
        <Button leftSection={<Play size={16} aria-hidden />} onClick={release} data-testid="release-queue">
          {text.release}
        </Button>
      )}
      <Tooltip label={text.settings}>
        <Button variant="default" aria-label={text.settings} onClick={() => onAsk({ what: 'settings', queue })} data-testid="queue-settings">
          <Settings2 size={16} aria-hidden />
        </Button>
      </Tooltip>
    </div>
  )
}

const changeQueueTo = (queue: JobQueue, mode: JobQueue['mode']) => call(changeQueue, { params: { queue: queue.queue }, body: { mode } })
