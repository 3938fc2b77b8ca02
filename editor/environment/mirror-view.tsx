/** The git mirror: its settings, how it is, and its last error. */
import { Button, Checkbox, PasswordInput, Switch, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { CircleCheck, CircleDashed, LoaderCircle, RefreshCw, TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import { type MirrorSettings, type MirrorStatus, setMirror, syncMirror } from '../../server/api/mirror.ts'
import type { Me } from '../../server/api/people.ts'
import { useFindingText } from '../designer/deploy/finding-words.ts'
import { call } from '../shared/api.ts'
import { useLive } from '../shared/live.ts'
import { may } from '../shared/me.ts'
import { formats, useLanguage } from '../shared/text/index.ts'
import { useDoing } from '../shared/use-doing.ts'
import { errorWords, useEnvironmentText } from './words.ts'

const ICONS = { off: CircleDashed, idle: CircleCheck, working: LoaderCircle, waiting: TriangleAlert, elsewhere: CircleDashed } as const

export function MirrorView({ me }: { me: Me | undefined }) {
  const text = useEnvironmentText().mirror
  const status = useLive('mirror', (_, change) => change).value
  if (!status) return <div className="environment-skeleton" aria-hidden />
  const { remote = '', branch, userName = '', hasToken, isOn, allowsPlainHttp = false } = status.settings
  return (
    <>
      <section className="environment-card" aria-labelledby="mirror-title">
        <h2 id="mirror-title">{text.title}</h2>
        <p className="environment-dim">
          {text.hint} <strong>{text.outgoing}</strong>
        </p>
        <MirrorForm
          key={`${isOn} ${remote} ${branch} ${userName} ${hasToken} ${allowsPlainHttp}`}
          settings={status.settings}
          mayChange={may(me, 'system.manage')}
        />
      </section>
      {status.state !== 'off' && <MirrorState status={status} maySync={may(me, 'system.manage')} />}
    </>
  )
}

function MirrorForm({ settings, mayChange }: { settings: MirrorSettings; mayChange: boolean }) {
  const text = useEnvironmentText().mirror
  const language = useLanguage()
  const findings = useFindingText()
  const [isOn, setOn] = useState(settings.isOn)
  const [remote, setRemote] = useState(settings.remote ?? '')
  const [branch, setBranch] = useState(settings.branch)
  const [userName, setUserName] = useState(settings.userName ?? '')
  const [token, setToken] = useState('')
  const [mayBePlain, setPlain] = useState(settings.allowsPlainHttp === true)
  const isPlain = isPlainHttp(remote)
  const { isBusy, problem, run } = useDoing<'save' | 'forget'>((failed) => errorWords(failed, language, findings))
  const save = (newToken: string | undefined) =>
    run(
      async () => {
        await call(setMirror, {
          body: { isOn, remote, branch, userName, ...(isPlain ? { allowsPlainHttp: mayBePlain } : {}), ...(newToken === undefined ? {} : { token: newToken }) },
        })
        setToken('')
        notifications.show({ message: text.saved })
      },
      newToken === '' ? 'forget' : 'save',
    )
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void save(token.trim() === '' ? undefined : token.trim())
      }}
    >
      <Switch label={text.isOn} checked={isOn} disabled={!mayChange} onChange={(event) => setOn(event.currentTarget.checked)} data-testid="mirror-on" />
      <div className="environment-fields">
        <TextInput
          label={text.remote}
          description={text.remoteHint}
          placeholder="https://git.example.com/shop/flows.git"
          value={remote}
          readOnly={!mayChange}
          onChange={(event) => {
            setRemote(event.currentTarget.value)
            // said for one address
            setPlain(false)
          }}
          data-testid="mirror-remote"
        />
        <TextInput
          label={text.branch}
          description=" "
          value={branch}
          readOnly={!mayChange}
          onChange={(event) => setBranch(event.currentTarget.value)}
          data-testid="mirror-branch"
        />
        {remote.trim() !== '' && (
          <>
            <PasswordInput
              label={text.token}
              description={settings.hasToken ? text.tokenKept : text.tokenHint}
              value={token}
              autoComplete="off"
              readOnly={!mayChange}
              onChange={(event) => setToken(event.currentTarget.value)}
              data-testid="mirror-token"
            />
            <TextInput
              label={text.userName}
              description={text.userNameHint}
              placeholder="git"
              value={userName}
              readOnly={!mayChange}
              onChange={(event) => setUserName(event.currentTarget.value)}
              data-testid="mirror-user"
            />
          </>
        )}
      </div>
      {isPlain && (
        <div className="environment-changed" data-testid="mirror-plain">
          <p>
            <TriangleAlert size={16} aria-hidden /> {text.plain}
          </p>
          <Checkbox
            label={text.plainYes}
            checked={mayBePlain}
            disabled={!mayChange}
            onChange={(event) => setPlain(event.currentTarget.checked)}
            data-testid="mirror-plain-yes"
          />
        </div>
      )}
      {problem !== undefined && (
        <p className="environment-problem" role="alert" data-testid="mirror-problem">
          {problem}
        </p>
      )}
      {mayChange ? (
        <div className="environment-actions">
          <Button type="submit" loading={isBusy} disabled={branch.trim() === '' || (isPlain && !mayBePlain)} data-testid="mirror-save">
            {text.save}
          </Button>
          {settings.hasToken && (
            <Button variant="subtle" color="gray" onClick={() => void save('')}>
              {text.forgetToken}
            </Button>
          )}
        </div>
      ) : (
        <p className="environment-dim">{text.mayNot}</p>
      )}
    </form>
  )
}

/** Over a network, not on this computer. */
function isPlainHttp(remote: string): boolean {
  const url = URL.parse(remote.trim())
  return url?.protocol === 'http:' && !['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
}

const short = (commit: string) => commit.slice(0, 10)

function MirrorState({ status, maySync }: { status: MirrorStatus; maySync: boolean }) {
  const text = useEnvironmentText().mirror
  const format = formats(useLanguage())
  const { state, missing, folder, commit, pushed, error, settings } = status
  const Icon = ICONS[state]
  const said = error && (text.errors[error.code as keyof typeof text.errors] ?? error.message)
  return (
    <section className="environment-card" aria-labelledby="mirror-state">
      <h2 id="mirror-state">{text.facts.state}</h2>
      <p className="environment-state" data-state={state} role="status" data-testid="mirror-state">
        <Icon size={18} aria-hidden className={state === 'working' ? 'environment-turns' : undefined} />
        <span>
          {text.states[state]}
          {missing > 0 && `; ${text.missing(missing)}`}
        </span>
      </p>
      {error && (
        <div className="environment-error" data-testid="mirror-error">
          <strong>{said}</strong>
          <p className="environment-dim">
            {format.dateTime(error.at)}, {text.attempts(error.attempts)}. {error.nextAt && text.next(format.time(error.nextAt))}
          </p>
        </div>
      )}
      <dl className="environment-facts">
        <dt>{text.facts.folder}</dt>
        <dd>
          <code>git clone {folder}</code>
        </dd>
        <dt>{text.facts.commit}</dt>
        <dd data-testid="mirror-commit">
          {commit ? `${text.commit(short(commit.id), format.number(commit.version))}, ${format.dateTime(commit.at)}` : text.never}
        </dd>
        {settings.remote !== undefined && (
          <>
            <dt>{text.facts.pushed}</dt>
            <dd data-testid="mirror-pushed">{pushed ? text.pushed(short(pushed.commit), format.dateTime(pushed.at)) : text.never}</dd>
          </>
        )}
      </dl>
      {maySync && (
        <Button
          variant="default"
          leftSection={<RefreshCw size={16} aria-hidden />}
          loading={state === 'working'}
          onClick={() => void call(syncMirror).catch((problem: Error) => notifications.show({ color: 'red', message: problem.message }))}
          data-testid="mirror-sync"
        >
          {text.sync}
        </Button>
      )}
    </section>
  )
}
