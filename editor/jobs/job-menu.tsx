/** What may be done with a waiting job. */
import { ActionIcon, Menu } from '@mantine/core'
import {
  Activity,
  ArrowDown,
  ArrowDownToLine,
  ArrowUp,
  ArrowUpToLine,
  CalendarClock,
  Check,
  EllipsisVertical,
  ExternalLink,
  Info,
  MoveHorizontal,
  X,
} from 'lucide-react'
import { cancelJob } from '../../server/api/cancelling.ts'
import { type Place, placeJob, planJob, type QueuedJob } from '../../server/api/jobs.ts'
import { call } from '../shared/api.ts'
import type { Ask } from './dialogs/asked.ts'
import type { Rights } from './rights.ts'
import { useAct } from './use-act.ts'
import { useJobsText } from './use-jobs-text.ts'

const PRIORITIES = { urgent: -10, normal: 0, low: 10 } as const

interface JobMenuProps extends Rights {
  job: QueuedJob
  isFirst: boolean
  isLast: boolean
  onStep: (by: 1 | -1) => void
  onAsk: Ask
  onChanged: (queue?: string) => void
}

export function JobMenu({ job, isFirst, isLast, mayManage, mayMove, onStep, onAsk, onChanged }: JobMenuProps) {
  const text = useJobsText()
  const act = useAct()
  const params = { jobId: job.id }
  const done = () => onChanged(job.queue)
  const place = (body: Place) => void act(() => call(placeJob, { params, body })).then(done)
  const item = { size: 16, 'aria-hidden': true } as const
  return (
    <Menu position="bottom-end" withinPortal shadow="md">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={text.actions(job.name)} data-testid={`menu-${job.id}`}>
          <EllipsisVertical size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {mayManage && (
          <>
            <Menu.Item leftSection={<ArrowUpToLine {...item} />} disabled={isFirst} onClick={() => place({ to: 'first' })} data-testid="job-first">
              {text.first}
            </Menu.Item>
            <Menu.Item leftSection={<ArrowUp {...item} />} disabled={isFirst} onClick={() => onStep(-1)} data-testid="job-up">
              {text.up}
            </Menu.Item>
            <Menu.Item leftSection={<ArrowDown {...item} />} disabled={isLast} onClick={() => onStep(1)} data-testid="job-down">
              {text.down}
            </Menu.Item>
            <Menu.Item leftSection={<ArrowDownToLine {...item} />} disabled={isLast} onClick={() => place({ to: 'last' })} data-testid="job-last">
              {text.last}
            </Menu.Item>
            <Menu.Divider />
            <Menu.Label>{text.priorities}</Menu.Label>
            {(Object.keys(PRIORITIES) as (keyof typeof PRIORITIES)[]).map((name) => (
              <Menu.Item
                key={name}
                leftSection={job.priority === PRIORITIES[name] ? <Check {...item} /> : <span className="jobs-no-check" />}
                onClick={() => act(() => call(planJob, { params, body: { priority: PRIORITIES[name] } })).then(done)}
                data-testid={`priority-${name}`}
              >
                {text.priority[name]}
              </Menu.Item>
            ))}
            <Menu.Divider />
            <Menu.Item leftSection={<CalendarClock {...item} />} onClick={() => onAsk({ what: 'plan', job })} data-testid="job-plan">
              {text.plan}
            </Menu.Item>
            {mayMove && job.kind === 'program' && (
              <Menu.Item leftSection={<MoveHorizontal {...item} />} onClick={() => onAsk({ what: 'move', job })} data-testid="job-move">
                {text.move}
              </Menu.Item>
            )}
          </>
        )}
        <Menu.Item component="a" href={`#${job.id}`} leftSection={<Info {...item} />} data-testid="job-details">
          {text.detail.open}
        </Menu.Item>
        {job.runId !== undefined && (
          <Menu.Item component="a" href={`/runs#${job.runId}`} leftSection={<ExternalLink {...item} />}>
            {text.showRun}
          </Menu.Item>
        )}
        <Menu.Item component="a" href={`/runs?job=${encodeURIComponent(job.id)}`} leftSection={<Activity {...item} />} data-testid="job-runs">
          {text.allRuns}
        </Menu.Item>
        {mayManage && (
          <Menu.Item
            leftSection={<X {...item} />}
            onClick={() => act(() => call(cancelJob, { params, body: {} }), text.cancelled).then(done)}
            data-testid="job-cancel"
          >
            {text.cancel}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}
