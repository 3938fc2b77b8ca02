/** When back-ups are made by themselves, where they are brought, how many are kept. */
import { Button, NativeSelect, NumberInput, PasswordInput, Switch, Textarea, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { type ReactNode, useState } from 'react'
import { type BackupPlace, type BackupsState, setBackupPlan, testBackupPlace } from '../../../server/api/backup.ts'
import { call } from '../../shared/api.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { NewPassphrase, NO_PASSPHRASE, usable } from './new-passphrase.tsx'
import { useBackupText } from './words.ts'

const EMPTY: Record<BackupPlace['kind'], BackupPlace> = {
  kept: { kind: 'kept' },
  folder: { kind: 'folder', folder: '' },
  sftp: { kind: 'sftp', host: '', port: 22, userName: '', folder: '/', hostKey: '' },
  s3: { kind: 's3', endpoint: 'https://', region: 'us-east-1', bucket: '', folder: '', accessKeyId: '' },
}
const KINDS = Object.keys(EMPTY) as BackupPlace['kind'][]

export function PlanForm({ state, onSaved }: { state: BackupsState; onSaved: () => void }) {
  const text = useBackupText()
  const words = text.plan
  const format = formats(useLanguage())
  const { plan, nextAt } = state
  const [form, setForm] = useState({
    isOn: plan.isOn,
    atTime: plan.atTime,
    place: plan.place,
    keepDaily: plan.keepDaily,
    keepWeekly: plan.keepWeekly,
    keepMonthly: plan.keepMonthly,
  })
  const [typed, setTyped] = useState(NO_PASSPHRASE)
  const [secret, setSecret] = useState('')
  const [told, setTold] = useState<{ text: string; isProblem: boolean }>()
  const { place } = form
  const put = (change: Partial<typeof form>) => setForm((before) => ({ ...before, ...change }))
  const putPlace = (change: object) => put({ place: { ...place, ...change } as BackupPlace })
  const given = secret === '' ? {} : { secret }
  const [working, setWorking] = useState<'save' | 'test'>()
  /** A server that does not answer is waited for: seen, and asked once. */
  const attempt = async (what: 'save' | 'test', work: () => Promise<void>) => {
    setWorking(what)
    setTold(undefined)
    try {
      await work()
    } catch (problem) {
      setTold({ text: (problem as Error).message, isProblem: true })
    } finally {
      setWorking(undefined)
    }
  }
  const field = (key: string, label: string): ReactNode => (
    <TextInput
      label={label}
      value={String((place as Record<string, unknown>)[key] ?? '')}
      onChange={(event) => putPlace({ [key]: event.currentTarget.value })}
    />
  )
  const count = (key: 'keepDaily' | 'keepWeekly' | 'keepMonthly', label: string, min: number): ReactNode => (
    <NumberInput label={label} min={min} max={240} value={form[key]} onChange={(value) => put({ [key]: Number(value) || min })} />
  )
  return (
    <section className="settings-card" aria-label={words.title}>
      <h3>{words.title}</h3>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          const passphrase = usable(typed)
          if (typed.first !== '' && passphrase === undefined) return setTold({ text: text.passphraseUnusable, isProblem: true })
          void attempt('save', async () => {
            await call(setBackupPlan, { body: { ...form, ...given, ...(passphrase === undefined ? {} : { passphrase }) } })
            notifications.show({ message: words.saved })
            onSaved()
          })
        }}
      >
        <Switch label={words.isOn} checked={form.isOn} onChange={(event) => put({ isOn: event.currentTarget.checked })} data-testid="backup-on" />
        <div className="settings-fields">
          <TextInput type="time" label={words.at} value={form.atTime} onChange={(event) => put({ atTime: event.currentTarget.value })} />
          {count('keepDaily', words.daily, 1)}
          {count('keepWeekly', words.weekly, 0)}
          {count('keepMonthly', words.monthly, 0)}
        </div>
        <NewPassphrase value={typed} onChange={setTyped} testId="backup-plan-passphrase" {...(plan.hasPassphrase ? { hint: words.kept } : {})} />
        <NativeSelect
          label={words.place}
          value={place.kind}
          data={KINDS.map((value) => ({ value, label: words.kinds[value] }))}
          onChange={(event) => put({ place: EMPTY[event.currentTarget.value as BackupPlace['kind']] })}
          data-testid="backup-place"
        />
        <div className="settings-fields">
          {place.kind === 'sftp' && (
            <>
              {field('host', words.host)}
              <NumberInput label={words.port} min={1} max={65_535} value={place.port} onChange={(value) => putPlace({ port: Number(value) || 22 })} />
              {field('userName', words.userName)}
              {field('hostKey', words.hostKey)}
            </>
          )}
          {place.kind === 's3' && (
            <>
              {field('endpoint', words.endpoint)}
              {field('region', words.region)}
              {field('bucket', words.bucket)}
              {field('accessKeyId', words.accessKeyId)}
            </>
          )}
          {place.kind !== 'kept' && field('folder', words.folder)}
          {place.kind === 's3' && (
            <PasswordInput
              label={words.secret}
              description={plan.hasSecret ? words.kept : undefined}
              value={secret}
              autoComplete="new-password"
              onChange={(event) => setSecret(event.currentTarget.value)}
            />
          )}
          {place.kind === 'sftp' && (
            // a private key has lines, which a password field loses
            <Textarea
              label={words.password}
              description={plan.hasSecret ? words.kept : undefined}
              value={secret}
              autosize
              minRows={1}
              maxRows={6}
              autoComplete="off"
              spellCheck={false}
              className="backup-secret"
              onChange={(event) => setSecret(event.currentTarget.value)}
            />
          )}
        </div>
        <p role="status" className={told?.isProblem ? 'settings-problem' : 'settings-dim'} data-testid="backup-told">
          {told?.text ?? (nextAt === undefined ? '' : words.next(format.dateTime(nextAt)))}
        </p>
        <div className="settings-actions">
          <Button type="submit" loading={working === 'save'} disabled={working !== undefined} data-testid="backup-save">
            {words.save}
          </Button>
          {place.kind !== 'kept' && (
            <Button
              variant="default"
              data-testid="backup-test"
              loading={working === 'test'}
              disabled={working !== undefined}
              onClick={() =>
                void attempt('test', async () => {
                  const answer = await call(testBackupPlace, { body: { place, ...given } })
                  const isNew = place.kind === 'sftp' && place.hostKey === '' && answer.hostKey !== undefined
                  if (isNew) putPlace({ hostKey: answer.hostKey })
                  setTold(
                    isNew
                      ? { text: words.shows(answer.hostKey ?? ''), isProblem: false }
                      : { text: answer.isFine ? words.fine : (answer.text ?? text.failed), isProblem: !answer.isFine },
                  )
                })
              }
            >
              {words.test}
            </Button>
          )}
        </div>
      </form>
    </section>
  )
}
