/** Making a back-up now, and how far it is. */
import { Button, Progress } from '@mantine/core'
import { useState } from 'react'
import { type BackupsState, makeBackup, stopBackup } from '../../../server/api/backup.ts'
import { call } from '../../shared/api.ts'
import { NewPassphrase, NO_PASSPHRASE, usable } from './new-passphrase.tsx'
import { useBackupText } from './words.ts'

export function BackupNow({ work, onChange }: { work: BackupsState['work']; onChange: () => void }) {
  const text = useBackupText()
  const [typed, setTyped] = useState(NO_PASSPHRASE)
  const [problem, setProblem] = useState<string>()
  const passphrase = usable(typed)
  const attempt = async (ask: () => Promise<unknown>) => {
    setProblem(undefined)
    try {
      await ask()
      setTyped(NO_PASSPHRASE)
      onChange()
    } catch (error) {
      setProblem((error as Error).message)
    }
  }
  return (
    <section className="settings-card" aria-labelledby="backup-now">
      <h3 id="backup-now">{text.now.title}</h3>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (passphrase !== undefined) void attempt(() => call(makeBackup, { body: { passphrase } }))
        }}
      >
        <NewPassphrase value={typed} onChange={setTyped} testId="backup-passphrase" />
        <div role="alert">{problem && <p className="settings-problem">{problem}</p>}</div>
        <Button type="submit" disabled={work !== undefined || passphrase === undefined} data-testid="backup-make">
          {text.now.make}
        </Button>
      </form>
      {work && <Working work={work} onStop={() => void attempt(() => call(stopBackup))} />}
    </section>
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
