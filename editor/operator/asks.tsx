/** What flows ask people: a card for each question, and the dialog that answers it. */
import { CircleHelp, TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import type { Me } from '../../server/api/people.ts'
import { answerAsk, type WaitingAsk } from '../../server/api/steps.ts'
import { ApiError, call } from '../shared/api.ts'
import { useMachineText } from '../shared/machine/use-machine-text.ts'
import { may } from '../shared/me.ts'
import { formats, useLanguage } from '../shared/text/index.ts'
import { Back, OperatorDialog, Problem } from './operator-dialog.tsx'
import { newPressId } from './press-id.ts'
import { TypedField } from './typed-field.tsx'
import { useOperatorText } from './use-operator-text.ts'
import { ValuePad } from './value-pad.tsx'

/** Questions, oldest first; none: nothing is drawn. */
export function AskCards({ asks, me, isStale, onOpen }: { asks: WaitingAsk[]; me: Me | undefined; isStale: boolean; onOpen: (stepId: string) => void }) {
  const text = useOperatorText()
  const words = useMachineText()
  const format = formats(useLanguage())
  if (!asks.length) return null
  return (
    <section className="op-buttons" aria-label={text.asks} data-testid="asks">
      {asks.map(({ stepId, since, ask }) => {
        const isOther = me !== undefined && (ask.notBy?.includes(me.name) ?? false)
        const isAllowed = may(me, ask.who) && !isOther
        const Icon = ask.isEscalated ? TriangleAlert : CircleHelp
        return (
          <button
            key={stepId}
            type="button"
            className="op-button op-ask"
            data-color="blue"
            data-escalated={ask.isEscalated || undefined}
            data-testid={`ask-${stepId}`}
            disabled={!isAllowed || isStale}
            onClick={() => onOpen(stepId)}
          >
            <strong>
              <Icon size={22} aria-hidden /> {ask.title}
            </strong>
            {ask.text && <span className="op-ask-about">{ask.text}</span>}
            {ask.isEscalated && <span className="op-button-reason">{text.askLate}</span>}
            <span>
              {text.askSince(format.time(since))}
              {ask.deadline ? ` · ${text.askUntil(format.time(ask.deadline))}` : ''}
            </span>
            {!isAllowed && <span className="op-button-reason">{isOther ? text.askOther : words.notAllowed}</span>}
          </button>
        )
      })}
    </section>
  )
}

/** One question, with its values and answers. It lies over the page but never over STOP and HOLD. */
export function AskDialog({ waiting, onClose }: { waiting: WaitingAsk; onClose: () => void }) {
  const { stepId, ask } = waiting
  const text = useOperatorText()
  const words = useMachineText()
  const [answerId] = useState(newPressId)
  const [values, setValues] = useState<Record<string, string>>({})
  const [comment, setComment] = useState('')
  const [problem, setProblem] = useState<string>()
  const [sending, setSending] = useState<string>()
  const [asking, setAsking] = useState(ask.fields[0]?.key)
  const current = ask.fields.find((field) => field.key === asking)

  const enter = (key: string, value: string) => {
    setProblem(undefined)
    setValues({ ...values, [key]: value })
  }
  const answer = async (choice: (typeof ask.choices)[number]) => {
    const entered: Record<string, string | number> = {}
    for (const field of ask.fields) {
      const raw = (values[field.key] ?? '').trim()
      const value = field.kind === 'number' ? Number(raw) : raw
      const isMissing = raw === '' || (typeof value === 'number' && !Number.isFinite(value))
      if (!isMissing) entered[field.key] = value
      else if (choice.kind === 'yes') {
        setAsking(field.key)
        return setProblem(field.kind === 'number' ? `${field.label}: ${text.missing}` : text.enterValue(field.label))
      }
    }
    if (ask.needsComment?.includes(choice.key) && !comment.trim()) return setProblem(text.askWhy)
    setSending(choice.key)
    try {
      // the same answerId at every try: a lost answer is not a second one
      await call(answerAsk, {
        params: { stepId },
        body: { answerId, choice: choice.key, values: entered, ...(comment.trim() ? { comment: comment.trim() } : {}) },
      })
      onClose()
    } catch (error) {
      setSending(undefined)
      setProblem(error instanceof ApiError ? error.message : String(error))
    }
  }

  return (
    <OperatorDialog title={ask.title} isWide={ask.fields.length > 0} onClose={onClose}>
      {ask.text && <p className="op-ask-text">{ask.text}</p>}
      {ask.fields.length > 0 && (
        <div className="op-asks">
          <div>
            {ask.fields.map((field) => (
              <TypedField
                key={field.key}
                label={field.label}
                unit={field.unit}
                isNumber={field.kind === 'number'}
                value={values[field.key] ?? ''}
                isChosen={field.key === asking}
                testId={`value-${field.key}`}
                onChoose={() => setAsking(field.key)}
                onChange={(value) => enter(field.key, value)}
              />
            ))}
          </div>
          {current?.kind === 'number' && <ValuePad value={values[current.key] ?? ''} onChange={(value) => enter(current.key, value)} />}
        </div>
      )}
      <label className="op-ask-comment">
        {text.askComment}
        <input data-testid="ask-comment" maxLength={1000} value={comment} onChange={(event) => setComment(event.currentTarget.value)} />
      </label>
      <Problem>{problem}</Problem>
      <footer>
        <Back onClick={onClose} />
        <span className="op-ask-choices">
          {[...ask.choices].reverse().map((choice) => (
            <button
              key={choice.key}
              type="button"
              className={choice.kind === 'yes' ? 'op-dialog-press' : 'op-dialog-back'}
              data-testid={`choice-${choice.key}`}
              disabled={sending !== undefined}
              onClick={() => answer(choice)}
            >
              {sending === choice.key ? words.sending : choice.label}
            </button>
          ))}
        </span>
      </footer>
    </OperatorDialog>
  )
}
