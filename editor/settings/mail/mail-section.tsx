/** The mail server that notifications leave by, and trying it out. */
import '../notifications/notifications.css'
import { Button, NumberInput, PasswordInput, Select, Switch, Textarea, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { CircleCheck, TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import { getMail, MAIL_SECURITY, type MailChange, type MailSettings, setMail, testMail } from '../../../server/api/mail.ts'
import type { ResponseOf } from '../../../server/api/route.ts'
import { call } from '../../shared/api.ts'
import { may, useMe } from '../../shared/me.ts'
import { useLanguage } from '../../shared/text/index.ts'
import { useDoing } from '../../shared/use-doing.ts'
import { useLoad } from '../../shared/use-load.ts'
import { NotRead } from '../not-read.tsx'
import { useNotificationsText } from '../notifications/words.ts'

const NONE: MailSettings = { isOn: true, host: '', port: 587, security: 'starttls', userName: '', from: '', fromName: 'Cellwright', ca: '', hasPassword: false }

export function MailSection() {
  const { me } = useMe()
  const text = useNotificationsText()
  const { value, error, refresh } = useLoad('mail', () => call(getMail))
  if (!value) return <NotRead error={error} onAgain={refresh} words={text} />
  return (
    <>
      <p className="settings-dim">
        {text.mail.intro} {value.settings ? '' : text.mail.emptyHint}
      </p>
      <MailForm key={JSON.stringify(value.settings)} found={value.settings} mayChange={may(me, 'system.manage')} onSaved={refresh} />
    </>
  )
}

function MailForm({ found, mayChange, onSaved }: { found: MailSettings | undefined; mayChange: boolean; onSaved: () => void }) {
  const all = useNotificationsText()
  const text = all.mail
  const { hasPassword, ...given } = found ?? NONE
  const [settings, setSettings] = useState<Omit<MailSettings, 'hasPassword'>>(given)
  const [password, setPassword] = useState('')
  const { isBusy, problem, run } = useDoing()
  const change = (more: Partial<typeof settings>) => setSettings((before) => ({ ...before, ...more }))
  const wanted = (): MailChange => ({
    ...settings,
    host: settings.host.trim(),
    from: settings.from.trim(),
    // none where none can be: a stored one is given up with its name
    ...(password ? { password } : settings.userName === '' ? { password: '' } : {}),
  })
  const save = () =>
    run(async () => {
      await call(setMail, { body: wanted() })
      notifications.show({ message: all.saved })
      setPassword('')
      onSaved()
    })
  return (
    <>
      <section className="settings-card" aria-label={text.host}>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            void save()
          }}
        >
          <Switch label={text.isOn} checked={settings.isOn} disabled={!mayChange} onChange={(event) => change({ isOn: event.currentTarget.checked })} />
          <div className="settings-fields">
            <TextInput
              label={text.host}
              description={text.hostHint}
              value={settings.host}
              required
              readOnly={!mayChange}
              onChange={(event) => change({ host: event.currentTarget.value })}
              data-testid="mail-host"
            />
            <Select
              label={text.security}
              data={MAIL_SECURITY.map((value) => ({ value, label: text.securities[value] }))}
              value={settings.security}
              allowDeselect={false}
              disabled={!mayChange}
              onChange={(security) =>
                security &&
                change({ security: security as MailSettings['security'], port: { starttls: 587, tls: 465, none: 25 }[security as MailSettings['security']] })
              }
            />
            <NumberInput
              label={text.port}
              min={1}
              max={65_535}
              value={settings.port}
              readOnly={!mayChange}
              onChange={(port) => change({ port: Number(port) || 587 })}
              data-testid="mail-port"
            />
          </div>
          <div className="settings-fields">
            <TextInput
              label={text.userName}
              description={text.userNameHint}
              value={settings.userName}
              autoComplete="off"
              readOnly={!mayChange}
              onChange={(event) => change({ userName: event.currentTarget.value })}
              data-testid="mail-user"
            />
            <PasswordInput
              label={text.password}
              description={hasPassword ? text.passwordKept : undefined}
              value={password}
              autoComplete="new-password"
              readOnly={!mayChange}
              onChange={(event) => setPassword(event.currentTarget.value)}
              data-testid="mail-password"
            />
          </div>
          <div className="settings-fields">
            <TextInput
              label={text.from}
              value={settings.from}
              type="email"
              required
              readOnly={!mayChange}
              onChange={(event) => change({ from: event.currentTarget.value })}
              data-testid="mail-from"
            />
            <TextInput
              label={text.fromName}
              value={settings.fromName}
              maxLength={80}
              readOnly={!mayChange}
              onChange={(event) => change({ fromName: event.currentTarget.value })}
            />
          </div>
          <Textarea
            label={text.ca}
            description={text.caHint}
            value={settings.ca}
            autosize
            minRows={2}
            maxRows={6}
            readOnly={!mayChange}
            onChange={(event) => change({ ca: event.currentTarget.value })}
            data-testid="mail-ca"
          />
          {problem !== undefined && (
            <p className="settings-problem" role="alert">
              {problem}
            </p>
          )}
          {mayChange ? (
            <Button type="submit" loading={isBusy} data-testid="mail-save">
              {all.save}
            </Button>
          ) : (
            <p className="settings-dim">{all.mayNot}</p>
          )}
        </form>
      </section>
      {mayChange && <TryOut wanted={wanted} isReady={settings.host.trim() !== '' && settings.from.trim() !== ''} />}
    </>
  )
}

function TryOut({ wanted, isReady }: { wanted: () => MailChange; isReady: boolean }) {
  const text = useNotificationsText().mail
  const language = useLanguage()
  const [to, setTo] = useState('')
  const { isBusy, problem, run } = useDoing()
  const [answer, setAnswer] = useState<ResponseOf<typeof testMail>>()
  const send = () =>
    run(async () => {
      setAnswer(undefined)
      setAnswer(await call(testMail, { body: { settings: wanted(), to: to.trim(), language } }))
    })
  return (
    <section className="settings-card" aria-labelledby="mail-test">
      <h3 id="mail-test">{text.test}</h3>
      <p className="settings-dim">{text.testHint}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void send()
        }}
      >
        <TextInput label={text.testTo} type="email" required value={to} onChange={(event) => setTo(event.currentTarget.value)} data-testid="mail-test-to" />
        <Button type="submit" variant="default" loading={isBusy} disabled={!isReady || to.trim() === ''} data-testid="mail-test-send">
          {text.test}
        </Button>
      </form>
      <div aria-live="polite" data-testid="mail-answer">
        {isBusy && <p className="settings-dim">{text.testing}</p>}
        {answer?.isSent && (
          <p className="notify-line">
            <CircleCheck size={16} aria-hidden /> <span>{text.worked(answer.answer ?? '')}</span>
          </p>
        )}
        {answer && !answer.isSent && (
          <>
            <p className="notify-line settings-problem">
              <TriangleAlert size={16} aria-hidden /> <span>{text.failed[answer.failedAt ?? 'settings']}</span>
            </p>
            {answer.answer && <p className="notify-answer">{text.said(answer.answer)}</p>}
          </>
        )}
        {problem !== undefined && <p className="settings-problem">{problem}</p>}
      </div>
    </section>
  )
}
