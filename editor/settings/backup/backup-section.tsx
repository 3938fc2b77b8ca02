/** Back-ups: made now, kept, made by themselves, and how one is restored. */
import { Button, PasswordInput, Progress } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useState } from 'react'
import {
  type BackupsState,
  beginRestored,
  deleteBackup,
  downloadBackup,
  getBackups,
  makeBackup,
  stopBackup,
  verifyBackupRoute,
} from '../../../server/api/backup.ts'
import { call } from '../../shared/api.ts'
import { useLive } from '../../shared/live.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useLoad } from '../../shared/use-load.ts'
import { PlanForm } from './plan-form.tsx'
import { sizeOf, useBackupText } from './words.ts'

export function BackupSection() {
  const text = useBackupText()
  const format = formats(useLanguage())
  const live = useLive('backup', (_, change) => change).value
  const { value, error, refresh } = useLoad(`backups ${live?.revision}`, () => call(getBackups))
  const [passphrase, setPassphrase] = useState('')
  const attempt = async (work: () => Promise<unknown>) => {
    try {
      await work()
      refresh()
    } catch (problem) {
      notifications.show({ color: 'red', title: text.failed, message: (problem as Error).message })
    }
  }
  if (!value)
    return error === undefined ? (
      <div className="settings-skeleton" aria-hidden />
    ) : (
      <div className="settings-card" role="alert">
        <p className="settings-problem">{error}</p>
        <Button variant="default" onClick={refresh}>
          {text.again}
        </Button>
      </div>
    )
  const { restored, files, runs, lastCheck } = value
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
      <section className="settings-card" aria-label={text.now.title}>
        <h3>{text.now.title}</h3>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            void attempt(async () => {
              await call(makeBackup, { body: { passphrase } })
              setPassphrase('')
            })
          }}
        >
          <PasswordInput
            label={text.passphrase}
            description={text.passphraseHint}
            value={passphrase}
            autoComplete="new-password"
            onChange={(event) => setPassphrase(event.currentTarget.value)}
            data-testid="backup-passphrase"
          />
          <Button type="submit" disabled={work !== undefined || [...passphrase].length < 12} data-testid="backup-make">
            {text.now.make}
          </Button>
        </form>
        {work && <Working work={work} onStop={() => void attempt(() => call(stopBackup))} />}
      </section>
      <section className="settings-card" aria-label={text.list.title(value.host)}>
        <div className="settings-head">
          <h3>{text.list.title(value.host)}</h3>
          <span className="settings-dim">{text.list.free(sizeOf(value.freeBytes))}</span>
        </div>
        {files.length === 0 && <p className="settings-empty">{text.list.empty}</p>}
        <ul className="settings-list">
          {files.map(({ name, at, bytes, why, verifiedAt, problem }) => (
            <li key={name} data-testid="backup-file">
              <span>
                {format.dateTime(at)} · {sizeOf(bytes)} · {text.list.why[why]}
                <br />
                <span className={problem === undefined ? 'settings-dim' : 'settings-problem'}>
                  {problem ?? (verifiedAt === undefined ? text.list.unchecked : text.list.checked(format.dateTime(verifiedAt)))}
                </span>
                {lastCheck?.name === name && (
                  <>
                    <br />
                    <span role="status">{lastCheck.isWhole ? text.list.whole : lastCheck.text}</span>
                  </>
                )}
              </span>
              <span className="settings-actions">
                <Button component="a" variant="default" href={downloadBackup.path.replace(':name', name)} download={name}>
                  {text.list.download}
                </Button>
                <Button
                  variant="default"
                  disabled={work !== undefined}
                  onClick={() =>
                    why === 'upgrade' || passphrase !== ''
                      ? void attempt(() => call(verifyBackupRoute, { params: { name }, body: why === 'upgrade' ? {} : { passphrase } }))
                      : notifications.show({ message: text.list.asksPassphrase })
                  }
                >
                  {text.list.check}
                </Button>
                <Button variant="default" disabled={work?.name === name} onClick={() => void attempt(() => call(deleteBackup, { params: { name } }))}>
                  {text.list.remove}
                </Button>
              </span>
            </li>
          ))}
        </ul>
      </section>
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

function Working({ work, onStop }: { work: NonNullable<BackupsState['work']>; onStop: () => void }) {
  const text = useBackupText()
  const share = work.total ? Math.min(100, (work.done / work.total) * 100) : undefined
  return (
    <div role="status" data-testid="backup-work">
      <p>
        {text.steps[work.step]} {share === undefined ? '' : `${Math.floor(share)} %`}
      </p>
      <Progress value={share ?? 100} animated={share === undefined} aria-label={text.now.working} mb="sm" />
      <Button variant="default" onClick={onStop}>
        {text.now.stop}
      </Button>
    </div>
  )
}
