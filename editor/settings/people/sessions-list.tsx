/** The sessions of a person, for themselves or for whoever manages accounts. */
import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { MonitorSmartphone } from 'lucide-react'
import type { SessionView } from '../../../server/api/accounts.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useDoing } from '../../shared/use-doing.ts'
import { useLoad } from '../../shared/use-load.ts'
import { deviceOf } from './device.ts'
import { usePeopleText } from './words.ts'

export interface SessionsListProps {
  title: string
  /** Another one is another list. */
  listKey: string
  load: () => Promise<SessionView[]>
  endOne: (sessionId: string) => Promise<unknown>
  /** All, or of one's own all others. @returns how many */
  endAll: () => Promise<{ ended: number }>
  endAllLabel: string
  onChange?: () => void
}

export function SessionsList({ title, listKey, load, endOne, endAll, endAllLabel, onChange }: SessionsListProps) {
  const text = usePeopleText().sessions
  const format = formats(useLanguage())
  const { value, error, refresh } = useLoad(listKey, load)
  const { busy, problem, run } = useDoing()
  const act = (what: string, work: () => Promise<number>) =>
    run(async () => {
      notifications.show({ message: text.ended(format.number(await work())) })
      refresh()
      onChange?.()
    }, what)
  const nameOf = ({ agent }: SessionView) => {
    if (agent === undefined) return text.unknown
    const { browser, system } = deviceOf(agent)
    return browser && system ? text.on(browser, system) : (browser ?? system ?? agent.slice(0, 60))
  }
  const others = (value ?? []).filter(({ isCurrent }) => !isCurrent)
  return (
    <section className="settings-card" aria-labelledby="sessions-title">
      <div className="settings-head">
        <h3 id="sessions-title">{title}</h3>
        {others.length > 1 && (
          <Button variant="default" loading={busy === 'all'} onClick={() => void act('all', async () => (await endAll()).ended)} data-testid="end-all-sessions">
            {endAllLabel}
          </Button>
        )}
      </div>
      {(problem ?? error) && (
        <p className="settings-problem" role="alert">
          {problem ?? error}
        </p>
      )}
      {value?.length === 0 && <p className="settings-dim">{text.none}</p>}
      <ul className="settings-list" data-testid="sessions">
        {value?.map((session) => (
          <li key={session.id}>
            <div className="people-session">
              <MonitorSmartphone size={20} aria-hidden />
              <div>
                <strong title={session.agent}>{nameOf(session)}</strong>
                {session.isCurrent && <span className="people-tag"> {text.here}</span>}
                {session.isLocked && <span className="people-tag"> {text.locked}</span>}
                <div className="settings-dim">
                  {[
                    session.address,
                    text.by[session.method] ?? session.method,
                    text.since(format.dateTime(session.since)),
                    session.lastSeenAt && !session.isCurrent ? text.seen(format.dateTime(session.lastSeenAt)) : undefined,
                  ]
                    .filter(Boolean)
                    .join(' · ')}
                </div>
              </div>
            </div>
            {!session.isCurrent && (
              <Button
                variant="default"
                aria-label={text.endNamed(nameOf(session))}
                loading={busy === session.id}
                onClick={() => void act(session.id, () => endOne(session.id).then(() => 1))}
                data-testid="end-session"
              >
                {text.end}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}
