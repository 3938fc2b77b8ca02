/** Who is at this panel: signing in on top of what it shows, leaving it, one's badge, and what the device does by itself. */
import { Bell, BellOff, IdCard, LogOut, Maximize, Minimize, Sun, SunDim } from 'lucide-react'
import { useEffect, useState } from 'react'
import { pairBadge } from '../../../server/api/panel.ts'
import { listPinPeople, type Me } from '../../../server/api/people.ts'
import { call } from '../../shared/api.ts'
import { LookChoices } from '../../shared/frame.tsx'
import { signOut } from '../../shared/me.ts'
import { type Person, PinSignIn, useBadgeCode } from '../../sign-in/pin-sign-in.tsx'
import { useAwakeState } from '../kiosk/awake.ts'
import { switchSound } from '../messages/use-sound.ts'
import { Back, OperatorDialog, Problem } from '../operator-dialog.tsx'
import { Choice } from '../tabs/move-tab.tsx'
import { usePanelText } from '../use-operator-text.ts'
import { changeSettings, usePanelSettings } from './panel-settings.ts'

const MINUTES = [0, 2, 5, 15, 60] as const

/** Signing in where one stands; STOP and HOLD stay in reach. */
export function SignInDialog({ onSignedIn, onClose }: { onSignedIn: (me: Me) => void; onClose: () => void }) {
  const text = usePanelText().people
  const [people, setPeople] = useState<Person[]>()
  const [problem, setProblem] = useState<string>()
  useEffect(() => {
    call(listPinPeople).then(setPeople, (error: Error) => setProblem(error.message))
  }, [])
  return (
    <OperatorDialog title={text.signIn} isWide onClose={onClose}>
      <p>{text.orBadge}</p>
      <Problem>{problem}</Problem>
      {people && <PinSignIn people={people} onSignedIn={onSignedIn} />}
      <footer>
        <Back onClick={onClose} />
        <a className="op-dialog-back" href={`/sign-in?next=${encodeURIComponent(location.pathname + location.hash)}`}>
          {text.withPassword}
        </a>
      </footer>
    </OperatorDialog>
  )
}

/** @param props.isKiosk the browser belongs to a place, which says what is settings of a person's own device otherwise */
export function PersonDialog({ me, isKiosk, onLeave, onClose }: { me: Me; isKiosk: boolean; onLeave: () => void; onClose: () => void }) {
  const text = usePanelText().people
  const settings = usePanelSettings()
  const awake = useAwakeState()
  const [problem, setProblem] = useState<string>()
  const [isFull, setFull] = useState(() => document.fullscreenElement !== null)
  const toggleFull = () => {
    const done = document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()
    done.then(
      () => setFull(document.fullscreenElement !== null),
      // a browser that forbids it stays as it is
      () => undefined,
    )
  }
  return (
    <OperatorDialog title={me.name} isWide onClose={onClose}>
      <div className="op-person">
        <div className="op-badge">
          <button type="button" className="op-main-action" onClick={onLeave} data-testid="leave-panel">
            <LogOut size={24} aria-hidden /> {text.leave}
          </button>
          <p>{text.leaveMeans}</p>
        </div>
        <Badge />
        {!isKiosk && (
          <>
            <label className="op-ask-comment">
              {text.panelName}
              <input
                maxLength={60}
                placeholder={text.panelNameHint}
                value={settings.name}
                onChange={(event) => changeSettings({ name: event.currentTarget.value })}
                data-testid="panel-name"
              />
            </label>
            <Choice
              legend={text.lockAfter}
              values={MINUTES}
              chosen={settings.lockAfterMin as (typeof MINUTES)[number]}
              onChoose={(lockAfterMin) => changeSettings({ lockAfterMin })}
              testId="lock-after"
            >
              {(minutes) => (minutes === 0 ? text.never : text.minutes(String(minutes)))}
            </Choice>
          </>
        )}
        <div className="op-row">
          <button type="button" className="op-plain" aria-pressed={settings.hasSound} onClick={() => switchSound(!settings.hasSound)}>
            {settings.hasSound ? <Bell size={22} aria-hidden /> : <BellOff size={22} aria-hidden />} {settings.hasSound ? text.soundOn : text.soundOff}
          </button>
          <button type="button" className="op-plain" aria-pressed={isFull} onClick={toggleFull}>
            {isFull ? <Minimize size={22} aria-hidden /> : <Maximize size={22} aria-hidden />} {isFull ? text.leaveFull : text.full}
          </button>
          {!isKiosk && (
            <button
              type="button"
              className="op-plain"
              aria-pressed={settings.staysAwake}
              onClick={() => changeSettings({ staysAwake: !settings.staysAwake })}
              data-testid="stays-awake"
            >
              {settings.staysAwake ? <Sun size={22} aria-hidden /> : <SunDim size={22} aria-hidden />} {text.staysAwake}
            </button>
          )}
        </div>
        {awake !== 'off' && awake !== 'kept' && (
          <p role="status" data-testid="awake-refused">
            {text.notAwake[awake]}
          </p>
        )}
        <div className="op-row">
          <LookChoices size="lg" />
        </div>
      </div>
      <footer>
        <Back onClick={onClose} />
        {!isKiosk && (
          <button type="button" className="op-dialog-back" onClick={() => signOut().catch((error: Error) => setProblem(error.message))} data-testid="sign-out">
            {text.signOutWhole}
          </button>
        )}
      </footer>
      <Problem>{problem}</Problem>
    </OperatorDialog>
  )
}

/** Pairs the badge that is held to the reader next. */
function Badge() {
  const text = usePanelText().people
  const [state, setState] = useState<{ kind: 'ready' | 'waiting' | 'done' } | { kind: 'failed'; why: string }>({ kind: 'ready' })
  useBadgeCode((code) => {
    call(pairBadge, { body: { code } }).then(
      () => setState({ kind: 'done' }),
      (error: Error) => setState({ kind: 'failed', why: error.message }),
    )
  }, state.kind === 'waiting')
  return (
    <div className="op-badge">
      <button
        type="button"
        className="op-plain"
        aria-pressed={state.kind === 'waiting'}
        onClick={() => setState({ kind: state.kind === 'waiting' ? 'ready' : 'waiting' })}
        data-testid="pair-badge"
      >
        <IdCard size={24} aria-hidden /> {text.pair}
      </button>
      <p role="status" data-testid="badge-state" data-state={state.kind}>
        {state.kind === 'waiting' && text.holdBadge}
        {state.kind === 'done' && text.paired}
        {state.kind === 'failed' && state.why}
      </p>
    </div>
  )
}
