/** Where messages go that nobody has seen in time: said to everybody, changed by who may change the installation. */
import { BellRing, Check } from 'lucide-react'
import { useEffect, useState } from 'react'
import { type EscalationPriority, getEscalation, type Escalation as Rules, setEscalation } from '../../../server/api/panel.ts'
import { call } from '../../shared/api.ts'
import { may, useMe } from '../../shared/me.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { OperatorDialog, Problem } from '../operator-dialog.tsx'
import { Choice } from '../tabs/move-tab.tsx'
import { usePanelText } from '../use-operator-text.ts'

const PRIORITIES = ['alarm', 'action', 'warning'] as const satisfies readonly EscalationPriority[]
const AFTER_S = [30, 60, 300, 900, 3600] as const
const FIRST_AFTER_S = 300
const LOOK_EVERY_MS = 30_000

export function Escalation() {
  const text = usePanelText().escalation
  const format = formats(useLanguage())
  const { me } = useMe()
  const mayLook = may(me, 'connections.view')
  const [rules, setRules] = useState<Rules>()
  const [isOpen, setOpen] = useState(false)
  useEffect(() => {
    if (!mayLook) return
    let isOver = false
    const look = () =>
      call(getEscalation).then(
        (found) => isOver || setRules(found),
        // the banner tells of a lost line
        () => undefined,
      )
    void look()
    // it is changed seldom, and somewhere else
    const timer = setInterval(look, LOOK_EVERY_MS)
    return () => {
      isOver = true
      clearInterval(timer)
    }
  }, [mayLook])
  if (!rules) return null
  return (
    <section className="op-card" aria-labelledby="messages-escalation" data-testid="escalation">
      <header>
        <h2 id="messages-escalation">
          <BellRing size={22} aria-hidden /> {text.title}
        </h2>
        {may(me, 'system.manage') && (
          <button type="button" className="op-plain" onClick={() => setOpen(true)} data-testid="escalation-change">
            {text.change}
          </button>
        )}
      </header>
      {rules.rules.length === 0 ? (
        <p className="op-why">{text.none}</p>
      ) : (
        <ul className="op-escalation">
          {rules.rules.map(({ priority, connection, afterS }) => (
            <li key={priority}>
              {connection === undefined ? text.gone(text.what[priority]) : text.says(text.what[priority], format.span(afterS), connection)}
            </li>
          ))}
        </ul>
      )}
      {isOpen && <Change rules={rules} onChange={setRules} onClose={() => setOpen(false)} />}
    </section>
  )
}

/** Each choice counts at once. */
function Change({ rules, onChange, onClose }: { rules: Rules; onChange: (rules: Rules) => void; onClose: () => void }) {
  const text = usePanelText().escalation
  const format = formats(useLanguage())
  const [problem, setProblem] = useState<string>()
  const { takers } = rules
  const set = (priority: EscalationPriority, to: { connectionId: string; afterS: number } | null) =>
    call(setEscalation, { params: { priority }, body: { to } }).then(
      (found) => {
        onChange(found)
        setProblem(undefined)
      },
      (error: Error) => setProblem(error.message),
    )
  return (
    <OperatorDialog title={text.title} isWide onClose={onClose}>
      {takers.length === 0 && (
        <p className="op-why">
          <span>
            {text.noTakers} <a href="/connections">{text.connections}</a>
          </span>
        </p>
      )}
      {PRIORITIES.map((priority) => {
        const rule = rules.rules.find((one) => one.priority === priority)
        if (!takers.length && !rule) return null
        return (
          <fieldset key={priority} className="op-escalation-rule" aria-label={text.what[priority]}>
            <h3>{text.what[priority]}</h3>
            <Choice
              legend={text.to}
              values={['', ...takers.map(({ connectionId }) => connectionId)]}
              chosen={rule?.connectionId ?? ''}
              onChoose={(connectionId) => void set(priority, connectionId === '' ? null : { connectionId, afterS: rule?.afterS ?? FIRST_AFTER_S })}
              testId={`escalate-${priority}`}
            >
              {(connectionId) => takers.find((one) => one.connectionId === connectionId)?.name ?? text.nowhere}
            </Choice>
            {rule && (
              <Choice
                legend={text.after}
                values={AFTER_S}
                chosen={rule.afterS as (typeof AFTER_S)[number]}
                onChoose={(afterS) => void set(priority, { connectionId: rule.connectionId, afterS })}
                testId={`escalate-${priority}-after`}
              >
                {(afterS) => format.span(afterS)}
              </Choice>
            )}
          </fieldset>
        )
      })}
      <Problem>{problem}</Problem>
      <footer>
        <span />
        <button type="button" className="op-dialog-back" onClick={onClose} data-testid="escalation-done">
          <Check size={22} aria-hidden /> {text.done}
        </button>
      </footer>
    </OperatorDialog>
  )
}
