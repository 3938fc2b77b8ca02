/** The back-ups that are kept: fetched, read again, deleted by a second word. */
import { Button, PasswordInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { type BackupsState, deleteBackup, downloadBackup, verifyBackupRoute } from '../../../server/api/backup.ts'
import { call } from '../../shared/api.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useBackupText } from './words.ts'

interface ListProps {
  state: BackupsState
  work: BackupsState['work']
  onChange: () => void
}

export function BackupList({ state, work, onChange }: ListProps) {
  const { list: text } = useBackupText()
  const format = formats(useLanguage())
  const { files, host, freeBytes } = state
  return (
    <section className="settings-card" aria-labelledby="backup-list">
      <div className="settings-head">
        <h3 id="backup-list">{text.title(host)}</h3>
        <span className="settings-dim">{text.free(format.bytes(freeBytes))}</span>
      </div>
      {files.length === 0 && <p className="settings-empty">{text.empty}</p>}
      <ul className="settings-list">
        {files.map((file) => (
          <Kept key={file.name} file={file} work={work} checked={state.lastCheck?.name === file.name ? state.lastCheck : undefined} onChange={onChange} />
        ))}
      </ul>
    </section>
  )
}

type KeptFile = BackupsState['files'][number]

function Kept({ file, work, checked, onChange }: { file: KeptFile; checked: BackupsState['lastCheck'] } & Omit<ListProps, 'state'>) {
  const text = useBackupText()
  const format = formats(useLanguage())
  const [asks, setAsks] = useState<'passphrase' | 'deletion'>()
  const [passphrase, setPassphrase] = useState('')
  const [problem, setProblem] = useState<string>()
  const { name, at, bytes, why, verifiedAt } = file
  const attempt = async (ask: () => Promise<unknown>) => {
    setProblem(undefined)
    try {
      await ask()
      setAsks(undefined)
      setPassphrase('')
      onChange()
    } catch (error) {
      setProblem((error as Error).message)
    }
  }
  const check = (body: { passphrase?: string }) => attempt(() => call(verifyBackupRoute, { params: { name }, body }))
  return (
    <li data-testid="backup-file">
      <div>
        {format.dateTime(at)} · {format.bytes(bytes)} · {text.list.why[why]}
        <br />
        <span className={file.problem === undefined ? 'settings-dim' : 'settings-problem'}>
          {file.problem ?? (verifiedAt === undefined ? text.list.unchecked : text.list.checked(format.dateTime(verifiedAt)))}
        </span>
        <div role="status">{checked && (checked.isWhole ? text.list.whole : checked.text)}</div>
        <div role="alert">{problem && <p className="settings-problem">{problem}</p>}</div>
        {asks === 'passphrase' && (
          <form
            onSubmit={(event: FormEvent) => {
              event.preventDefault()
              void check({ passphrase })
            }}
          >
            <PasswordInput
              label={text.list.itsPassphrase}
              value={passphrase}
              autoComplete="off"
              data-autofocus
              autoFocus
              onChange={(event) => setPassphrase(event.currentTarget.value)}
              data-testid="backup-check-passphrase"
            />
            <Button type="submit" variant="default" disabled={passphrase === ''} data-testid="backup-check-now">
              {text.list.check}
            </Button>
          </form>
        )}
      </div>
      {asks === 'deletion' ? (
        <span className="settings-actions">
          <span>{text.list.really}</span>
          <Button variant="default" onClick={() => setAsks(undefined)} autoFocus>
            {text.list.keep}
          </Button>
          <Button color="red" onClick={() => void attempt(() => call(deleteBackup, { params: { name } }))} data-testid="backup-delete-now">
            {text.list.remove}
          </Button>
        </span>
      ) : (
        <span className="settings-actions">
          <Button component="a" variant="default" href={downloadBackup.path.replace(':name', name)} download={name}>
            {text.list.download}
          </Button>
          <Button
            variant="default"
            disabled={work !== undefined}
            onClick={() => (why === 'upgrade' ? void check({}) : setAsks('passphrase'))}
            data-testid="backup-check"
          >
            {text.list.check}
          </Button>
          <Button variant="default" disabled={work?.name === name} onClick={() => setAsks('deletion')} data-testid="backup-delete">
            {text.list.remove}
          </Button>
        </span>
      )}
    </li>
  )
}
