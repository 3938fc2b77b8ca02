/** One trigger: when it fires next, what came of the last times, why it is silent, and firing it by hand. */
import { Button } from '@mantine/core'
import { CircleHelp, Workflow } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { Me } from '../../server/api/people.ts'
import { getTrigger, type TriggerFiring, type TriggerView } from '../../server/api/triggers.ts'
import { call } from '../shared/api.ts'
import { ListBack } from '../shared/list-page/list-page.tsx'
import { may } from '../shared/me.ts'
import { formats, useLanguage } from '../shared/text/index.ts'
import { VersionReason } from '../shared/version-reason.tsx'
import { FireForm } from './fire-form.tsx'
import { useNow } from './use-triggers.ts'
import { useTriggersText } from './use-triggers-text.ts'

export interface TriggerDetailProps {
  trigger: TriggerView
  /** Its times in words. */
  when: string
  me: Me | undefined
  onBack: () => void
  onTurn: (isOn: boolean, reason: string) => void
  onFired: () => void
}

export function TriggerDetail({ trigger: listed, when, me, onBack, onTurn, onFired }: TriggerDetailProps) {
  const text = useTriggersText()
  const format = formats(useLanguage())
  const { trigger, firings, moves } = useDetail(listed)
  const [reason, setReason] = useState('')
  const mayDeploy = may(me, 'flows.deploy')
  const mayFire = may(me, 'panel.press') && (trigger.kind === 'manual' || mayDeploy)
  return (
    <article className="list-detail triggers-detail" data-testid="trigger-detail">
      <ListBack label={text.back} onBack={onBack} />
      <header>
        <h2>{trigger.name}</h2>
        {mayDeploy && <VersionReason isInline value={reason} onChange={setReason} />}
        <Button
          variant="default"
          disabled={!mayDeploy}
          title={mayDeploy ? undefined : text.mayNotSwitch}
          onClick={() => {
            onTurn(!trigger.isOn, reason)
            setReason('')
          }}
          data-testid="trigger-turn"
        >
          {trigger.isOn ? text.turnOff : text.turnOn}
        </Button>
      </header>
      {trigger.about && <p className="triggers-about">{trigger.about}</p>}
      {trigger.silence && (trigger.silence !== 'never-fired' || trigger.kind === 'event' || trigger.kind === 'condition') && (
        <div className="triggers-silence" data-kind={trigger.silence} role="status" data-testid="trigger-silence">
          <CircleHelp size={18} aria-hidden />
          <div>
            <strong>{text.why}</strong>
            <p>
              {text.silence[trigger.silence]}{' '}
              {trigger.silence === 'off' &&
                trigger.switchedBy &&
                trigger.switchedAt &&
                text.switchedOff(trigger.switchedBy, format.dateTime(trigger.switchedAt))}
            </p>
          </div>
        </div>
      )}
      <dl className="list-facts triggers-facts">
        {when && (
          <div>
            <dt>{text.when}</dt>
            <dd>{when}</dd>
          </div>
        )}
        {trigger.missed && (
          <div>
            <dt>{text.missedLabel}</dt>
            <dd>{text.missedRule[trigger.missed]}</dd>
          </div>
        )}
        {trigger.flowName && (
          <div>
            <dt>{text.flow}</dt>
            <dd>
              {may(me, 'flows.view') ? (
                <a href={`/#node/${encodeURIComponent(trigger.id)}`} title={text.inDesigner}>
                  <Workflow size={14} aria-hidden /> {trigger.flowName}
                </a>
              ) : (
                trigger.flowName
              )}
            </dd>
          </div>
        )}
      </dl>
      {trigger.kind === 'time' && trigger.next.length > 0 && <NextTimes trigger={trigger} />}
      <FireForm trigger={trigger} moves={moves} mayFire={mayFire} onFired={onFired} />
      <LastOnes triggerId={listed.id} firings={firings} />
    </article>
  )
}

function NextTimes({ trigger }: { trigger: TriggerView }) {
  const text = useTriggersText()
  const language = useLanguage()
  const format = formats(language)
  const now = useNow()
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone
  const isElsewhere = trigger.zone !== undefined && trigger.zone !== here
  const there = new Intl.DateTimeFormat(language === 'de' ? 'de-DE' : 'en-GB', {
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    ...(trigger.zone ? { timeZone: trigger.zone } : {}),
  })
  const weekday = new Intl.DateTimeFormat(language === 'de' ? 'de-DE' : 'en-GB', { weekday: 'short' })
  return (
    <section aria-label={text.next}>
      <h3>{text.next}</h3>
      <ol className="triggers-next cw-numbers" data-testid="next-times">
        {trigger.next.map((at) => {
          const left = (Date.parse(at) - now) / 1000
          return (
            <li key={at}>
              <span>
                {weekday.format(new Date(at))} {format.dateTime(at)}
              </span>
              {isElsewhere && <span className="triggers-zone">{there.format(new Date(at))}</span>}
              <span className="triggers-in">{left <= 0 ? text.now : text.inTime(span(left, format))}</span>
            </li>
          )
        })}
      </ol>
      {isElsewhere && <p className="list-note">{text.inZone(trigger.zone ?? '')}</p>}
    </section>
  )
}

/** Beyond two days hours are no help. */
function span(seconds: number, format: ReturnType<typeof formats>): string {
  return seconds < 172_800 ? format.span(seconds) : `${Math.round(seconds / 86_400)} d`
}

function LastOnes({ triggerId, firings }: { triggerId: string; firings: readonly TriggerFiring[] }) {
  const text = useTriggersText()
  const format = formats(useLanguage())
  return (
    <section aria-label={text.last}>
      <h3>{text.last}</h3>
      {firings.length === 0 ? (
        <p className="list-note">{text.noLast}</p>
      ) : (
        <ol className="triggers-firings" data-testid="firings">
          {firings.map((firing) => (
            <li key={firing.id}>
              <time className="cw-numbers" dateTime={firing.dueAt}>
                {format.dateTime(firing.dueAt)}
              </time>
              <span className="list-state" data-state={firing.runState ?? firing.state}>
                {firing.runState ? text.runStates[firing.runState] : text.states[firing.state]}
              </span>
              <span className="triggers-firing-words">
                {firing.by ? text.by(firing.by) : (firing.text ?? text.causes[firing.cause])}
                {firing.isLate && `, ${text.late}`}
                {firing.missed && firing.missed > 1 ? `, ${text.standsFor(format.number(firing.missed))}` : ''}
                {firing.reason && `. ${text.reasons[firing.reason] ?? firing.reason}`}
              </span>
              {firing.runId && <a href={`/runs#${firing.runId}`}>{text.toRun}</a>}
            </li>
          ))}
        </ol>
      )}
      {firings.length > 0 && (
        <p className="list-note">
          <a href={`/runs?trigger=${encodeURIComponent(triggerId)}`}>{text.allRuns}</a>
        </p>
      )}
    </section>
  )
}

/**
 * One trigger with its next times, its last fifty firings, and whether a machine moves: until that is known, it may. What
 * came with the list stands there until it is read, and counts for what changes first: on or off, and why it is silent.
 */
function useDetail(listed: TriggerView): { trigger: TriggerView; firings: readonly TriggerFiring[]; moves: boolean } {
  const [known, setKnown] = useState<{ trigger: TriggerView; firings: readonly TriggerFiring[] }>({ trigger: listed, firings: listed.last })
  const version = JSON.stringify([listed.last, listed.next, listed.isOn, listed.times])
  // biome-ignore lint/correctness/useExhaustiveDependencies: `version` says that something has changed
  useEffect(() => {
    const leaving = new AbortController()
    call(getTrigger, { params: { triggerId: listed.id }, query: { limit: 50 }, signal: leaving.signal }).then(
      (found) => setKnown(found),
      // the list says what is wrong
      () => leaving.signal.aborted || setKnown({ trigger: listed, firings: listed.last }),
    )
    return () => leaving.abort()
  }, [listed.id, version])
  const { next, moves = true } = known.trigger
  return { trigger: { ...listed, next: listed.isOn ? next : [] }, firings: known.firings, moves }
}
