/** Back-ups: made now, kept, made by themselves, and how one is restored. */
import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { beginRestored, getBackups } from '../../../server/api/backup.ts'
import { call } from '../../shared/api.ts'
import { useLive } from '../../shared/live.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useLoad } from '../../shared/use-load.ts'
import { NotRead } from '../not-read.tsx'
import { BackupList } from './backup-list.tsx'
import { BackupNow } from './backup-now.tsx'
import { PlanForm } from './plan-form.tsx'
import { useBackupText } from './words.ts'

export function BackupSection() {
  const text = useBackupText()
  const format = formats(useLanguage())
  const live = useLive('backup', (_, change) => change).value
  const { value, error, refresh } = useLoad('backups', () => call(getBackups), live?.revision)
  const attempt = async (work: () => Promise<unknown>) => {
    try {
      await work()
      refresh()
    } catch (problem) {
      notifications.show({ color: 'red', title: text.failed, message: (problem as Error).message })
    }
  }
  if (!value) return <NotRead error={error} onAgain={refresh} words={{ again: text.again }} />
  const { restored, runs } = value
  const work = live ? live.work : value.work
  return (
    <>
      <p className="settings-dim">{text.hint}</p>
      {restored?.isHeld && (
        <section className="settings-card" aria-label={text.held.title} data-testid="backup-held">
          <h3>{text.held.title}</h3>
          <p>{text.held.text(format.dateTime(restored.backupAt))}</p>
          <Button
            onClick={() =>
              void attempt(async () => {
                await call(beginRestored)
                notifications.show({ message: text.held.begun })
              })
            }
          >
            {text.held.begin}
          </Button>
        </section>
      )}
      <BackupNow work={work} onChange={refresh} />
      <BackupList state={value} work={work} onChange={refresh} />
      <PlanForm key={value.plan.at ?? ''} state={value} onSaved={refresh} />
      <section className="settings-card" aria-label={text.runs.title}>
        <h3>{text.runs.title}</h3>
        {runs.length === 0 && <p className="settings-dim">{text.runs.empty}</p>}
        <ul className="settings-list">
          {runs.slice(0, 8).map((run) => (
            <li key={run.startedAt}>
              <span>
                {format.dateTime(run.endedAt)} · {text.runs.states[run.state]} · {text.list.why[run.why]}
                {run.destination ? ` · ${run.destination}` : ''}
                {run.text && <span className={run.state === 'failed' ? 'settings-problem' : 'settings-dim'}> {run.text}</span>}
              </span>
            </li>
          ))}
        </ul>
      </section>
      <section className="settings-card" aria-label={text.restore.title}>
        <h3>{text.restore.title}</h3>
        <p>{text.restore.how}</p>
        <p>
          <code>cellwright restore FILE --into DIRECTORY</code>
        </p>
        <p className="settings-dim">{text.restore.copy}</p>
      </section>
    </>
  )
}
