/** The job board: the machines on a timeline, the other queues beside them, and one queue in its order below. */
import '../shared/list-page/list-page.css'
import './jobs.css'
import { useState } from 'react'
import type { JobQueue } from '../../server/api/jobs.ts'
import { Frame } from '../shared/frame.tsx'
import { upsertBy, useLive } from '../shared/live.ts'
import { StopBar } from '../shared/machine/stop-bar.tsx'
import { may, useMe } from '../shared/me.ts'
import { useHash } from '../shared/use-hash.ts'
import type { Asked } from './dialogs/asked.ts'
import { Dialogs } from './dialogs/dialogs.tsx'
import { JobDialog } from './dialogs/job-dialog.tsx'
import { Lanes } from './lanes.tsx'
import { LetterList } from './letter-list.tsx'
import { QueueChips } from './queue-chips.tsx'
import { QueueView } from './queue-view.tsx'
import { fittingHorizon, type Horizon } from './timeline.ts'
import { useBoard } from './use-board.ts'
import { useJobsText } from './use-jobs-text.ts'

const LETTERS = 'letters'
const JOB = 'job_'

export function JobsPage() {
  const text = useJobsText()
  const { me } = useMe()
  const board = useBoard()
  const [hash, go] = useHash()
  const [horizon, setHorizon] = useState<Horizon>()
  const [asked, ask] = useState<Asked>()
  const machines = useLive(
    'machines',
    upsertBy((machine) => machine.id),
    may(me, 'machines.view'),
  )
  const { queues } = board
  // a job's own address shows it over its queue
  const jobId = hash.startsWith(JOB) ? hash : undefined
  const [under, setUnder] = useState('')
  const shown = jobId === undefined ? hash : under
  const chosen = chosenOf(queues, shown)
  const choose = (queue: string) => {
    setUnder(queue)
    go(queue)
  }
  const machine = shown === LETTERS ? undefined : machines.value?.find(({ id }) => id === chosen?.machineId)
  const rights = { mayManage: may(me, 'jobs.manage'), mayMove: may(me, 'machines.operate') }
  return (
    <Frame page="jobs">
      <div className={machine ? 'cw-with-stops' : 'jobs-alone'}>
        <div className="cw-work jobs-work">
          <div className="jobs-page">
            <h1>{text.title}</h1>
            {board.isStale && <p className="jobs-note">{text.stale}</p>}
            {board.problem && (
              <p className="list-problem" role="alert">
                {board.problem}
              </p>
            )}
            {!queues && !board.problem && <div className="list-skeleton" aria-hidden />}
            {queues && (
              <>
                <Lanes
                  board={board}
                  horizon={horizon ?? fittingHorizon(queues, board.next, board.now)}
                  onHorizon={setHorizon}
                  chosen={shown === LETTERS ? undefined : chosen?.queue}
                  onChoose={choose}
                />
                <QueueChips queues={queues} chosen={shown === LETTERS ? LETTERS : chosen?.queue} onChoose={choose} />
                {shown === LETTERS ? (
                  <LetterList queues={queues} version={[...board.versions.values()].reduce((sum, each) => sum + each, 0)} {...rights} onAsk={ask} />
                ) : (
                  chosen && (
                    <QueueView
                      key={chosen.queue}
                      queue={chosen}
                      version={board.versions.get(chosen.queue) ?? 0}
                      {...rights}
                      onAsk={ask}
                      onChanged={board.refresh}
                    />
                  )
                )}
              </>
            )}
          </div>
          {jobId !== undefined && !asked && (
            <JobDialog
              jobId={jobId}
              version={board.versions.get(chosen?.queue ?? '') ?? 0}
              {...rights}
              onAsk={ask}
              onJob={go}
              onQueue={(queue) => setUnder((was) => was || queue)}
              onClose={() => go(under)}
            />
          )}
          {asked && <Dialogs asked={asked} onClose={() => ask(undefined)} onChanged={board.refresh} />}
        </div>
        {machine && <StopBar machine={machine} isAllowed={may(me, 'machines.stop')} isNamed />}
      </div>
    </Frame>
  )
}

/** The queue of the address, else the first in which something happens. */
function chosenOf(queues: readonly JobQueue[] | undefined, hash: string): JobQueue | undefined {
  return queues?.find(({ queue }) => queue === hash) ?? queues?.find(({ active, waiting }) => active.length || waiting) ?? queues?.[0]
}
