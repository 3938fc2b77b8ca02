/** The buttons that running flows offer: what each does in words, what waits at it, and what its last press is doing. */
import { CircleCheck, CircleX, ClipboardPen, LoaderCircle, TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import type { Me } from '../../server/api/people.ts'
import { type FieldFault, type FieldValue, judgeField, type PanelButton, type PanelField, pressButton } from '../../server/api/work.ts'
import { ApiError, call } from '../shared/api.ts'
import { useMachineText } from '../shared/machine/use-machine-text.ts'
import { may } from '../shared/me.ts'
import { formats, useLanguage } from '../shared/text/index.ts'
import { useRunWords, useServerWords } from '../shared/text/server-words.ts'
import { Back, OperatorDialog, Problem } from './operator-dialog.tsx'
import { newPressId } from './press-id.ts'
import { TypedField } from './typed-field.tsx'
import { type PanelText, useOperatorText, usePanelText } from './use-operator-text.ts'
import { ValuePad } from './value-pad.tsx'

const RUN_ICONS = { active: LoaderCircle, completed: CircleCheck, failed: CircleX, interrupted: TriangleAlert, cancelled: CircleX }

export interface FlowButtonsProps {
  buttons: PanelButton[]
  me: Me | undefined
  /** No news can come. */
  isStale: boolean
  onOpen: (nodeId: string) => void
}

export function FlowButtons({ buttons, me, isStale, onOpen }: FlowButtonsProps) {
  const text = useOperatorText()
  if (!buttons.length)
    return (
      <section className="op-empty" data-testid="no-buttons">
        <h2>{text.noButtons}</h2>
        <p>{text.noButtonsText}</p>
      </section>
    )
  return (
    <section className="op-buttons" aria-label={text.buttons}>
      {buttons.map((button) => (
        <FlowButton key={button.nodeId} button={button} me={me} isStale={isStale} onOpen={() => onOpen(button.nodeId)} />
      ))}
    </section>
  )
}

function FlowButton({ button, me, isStale, onOpen }: { button: PanelButton; me: Me | undefined; isStale: boolean; onOpen: () => void }) {
  const text = useOperatorText()
  const words = useMachineText()
  const format = formats(useLanguage())
  const panel = usePanelText()
  const say = useServerWords()
  const runWords = useRunWords()
  const mayPress = may(me, 'panel.press') && may(me, button.who ?? 'panel.press')
  // the server judges the press itself; this is what keeps a person from trying
  const reason = isStale
    ? words.offline
    : me?.isLocked
      ? panel.people.nobody
      : mayPress
        ? button.isEnabled || button.reason === undefined
          ? undefined
          : say(button.reason)
        : words.notAllowed
  const isDisabled = isStale || !button.isEnabled || !mayPress
  const { lastPress } = button
  const RunIcon = lastPress ? RUN_ICONS[lastPress.state] : undefined
  return (
    <button
      type="button"
      className="op-button"
      data-color={button.color}
      data-testid={`button-${button.nodeId}`}
      data-kind={button.kind ?? 'button'}
      disabled={isDisabled}
      onClick={onOpen}
    >
      <strong>
        {button.kind === 'form' && <ClipboardPen size={22} aria-hidden />} {button.label}
      </strong>
      <span>{button.says}</span>
      {reason && isDisabled ? (
        <span className="op-button-reason">{reason}</span>
      ) : (
        button.waiting.length > 0 && (
          <span className="op-button-waiting">
            {button.waiting[0]?.text}
            {button.waiting.length > 1 && <em>{text.waiting(format.number(button.waiting.length))}</em>}
          </span>
        )
      )}
      {lastPress && RunIcon && (
        <span className="op-button-last" data-state={lastPress.state}>
          <RunIcon size={18} aria-hidden className={lastPress.state === 'active' ? 'op-spin' : undefined} />
          {text.runState[lastPress.state]}
          <small>{lastPress.text === undefined ? text.pressed(lastPress.by, format.time(lastPress.at)) : runWords.summary(lastPress.text)}</small>
        </span>
      )}
    </button>
  )
}

/**
 * The second, deliberate gesture: which one, what value, and what will happen in words. It lies over the page but
 * never over STOP and HOLD.
 */
export function PressDialog({ button, onClose }: { button: PanelButton; onClose: () => void }) {
  const text = useOperatorText()
  const panel = usePanelText()
  const words = useMachineText()
  const [pressId] = useState(newPressId)
  const [waitingId, setWaitingId] = useState(button.waiting[0]?.id)
  const [values, setValues] = useState<Record<string, FieldValue>>({})
  const [problem, setProblem] = useState<string>()
  const [isSending, setSending] = useState(false)
  const [asking, setAsking] = useState(button.asks[0]?.key)
  const current = button.asks.find((ask) => ask.key === asking)

  const press = async () => {
    const entered: Record<string, FieldValue> = {}
    for (const field of button.asks) {
      const { value, fault } = judgeField(field, values[field.key])
      if (fault) {
        setAsking(field.key)
        return setProblem(whatIsWrong(field, fault, text, panel))
      }
      if (value !== undefined) entered[field.key] = value
    }
    setSending(true)
    try {
      // the same pressId at every try: a lost answer cannot press twice
      await call(pressButton, { params: { nodeId: button.nodeId }, body: { pressId, values: entered, ...(waitingId ? { waitingId } : {}) } })
      onClose()
    } catch (error) {
      setSending(false)
      setProblem(error instanceof ApiError ? error.message : String(error))
    }
  }

  return (
    <OperatorDialog title={button.label} isWide={button.asks.length > 0} onClose={onClose}>
      <p>{button.says}</p>
      {button.waiting.length > 0 && (
        <fieldset className="op-choices">
          <legend>{text.chooseWaiting}</legend>
          {button.waiting.map((item) => (
            <label key={item.id} data-chosen={item.id === waitingId || undefined}>
              <input type="radio" name="waiting" checked={item.id === waitingId} onChange={() => setWaitingId(item.id)} />
              {item.text}
            </label>
          ))}
        </fieldset>
      )}
      {button.asks.length > 0 && (
        <div className="op-asks">
          <div>
            {button.asks.map((ask) => (
              <Field
                key={ask.key}
                ask={ask}
                value={values[ask.key]}
                isChosen={ask.key === asking}
                onChoose={() => setAsking(ask.key)}
                onChange={(value) => setValues({ ...values, [ask.key]: value })}
                onEnter={press}
              />
            ))}
          </div>
          {current?.kind === 'number' && (
            <ValuePad value={String(values[current.key] ?? '')} onChange={(value) => setValues({ ...values, [current.key]: value })} />
          )}
        </div>
      )}
      <Problem>{problem}</Problem>
      <footer>
        <Back onClick={onClose} />
        <button type="button" className="op-dialog-press" data-testid="confirm-press" disabled={isSending} onClick={press}>
          {isSending ? words.sending : text.press}
        </button>
      </footer>
    </OperatorDialog>
  )
}

interface FieldProps {
  ask: PanelField
  value: FieldValue | undefined
  isChosen: boolean
  onChoose: () => void
  onChange: (value: FieldValue) => void
  onEnter: () => void
}

function Field({ ask, value, isChosen, onChoose, onChange, onEnter }: FieldProps) {
  const panel = usePanelText()
  const label = ask.isOptional ? `${ask.label} (${panel.fields.optional})` : ask.label
  switch (ask.kind) {
    case 'yes-no':
      return (
        <label className="op-check" data-testid={`ask-${ask.key}`}>
          <input type="checkbox" checked={value === true} onFocus={onChoose} onChange={(event) => onChange(event.currentTarget.checked)} /> {label}
        </label>
      )
    case 'choice':
      return (
        <fieldset className="op-choice op-choice-wide" data-testid={`ask-${ask.key}`}>
          <legend>{label}</legend>
          <div>
            {ask.choices?.map((choice) => (
              <button
                key={choice}
                type="button"
                aria-pressed={choice === value}
                onClick={() => {
                  onChoose()
                  onChange(choice)
                }}
              >
                {choice}
              </button>
            ))}
          </div>
        </fieldset>
      )
    case 'long-text':
      return (
        <label data-chosen={isChosen || undefined}>
          {label}
          <textarea
            data-testid={`ask-${ask.key}`}
            rows={3}
            maxLength={2000}
            value={String(value ?? '')}
            onFocus={onChoose}
            onChange={(event) => onChange(event.currentTarget.value)}
          />
        </label>
      )
    case 'number':
    case 'text':
      return (
        <TypedField
          label={label}
          unit={ask.unit}
          isNumber={ask.kind === 'number'}
          value={String(value ?? '')}
          isChosen={isChosen}
          testId={`ask-${ask.key}`}
          onChoose={onChoose}
          onChange={onChange}
          onEnter={onEnter}
        />
      )
    default:
      return ask.kind satisfies never
  }
}

/** In the language of the page; the server says the same in English to programs. */
function whatIsWrong(
  { label, min, max }: PanelField,
  fault: FieldFault,
  text: { missing: string; enterValue: (label: string) => string },
  panel: PanelText,
): string {
  if (fault === 'not-a-number') return `${label}: ${text.missing}`
  if (fault === 'too-low') return panel.fields.atLeast(label, String(min))
  if (fault === 'too-high') return panel.fields.atMost(label, String(max))
  return text.enterValue(label)
}
