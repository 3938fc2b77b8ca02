/** The buttons that running flows offer: what each does in words, what waits at it, and what its last press is doing. */
import { useFocusTrap } from '@mantine/hooks'
import { ArrowLeft, CircleCheck, CircleX, LoaderCircle, TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import { type PanelButton, pressButton } from '../../server/api/work.ts'
import { ApiError, call } from '../shared/api.ts'
import { useMachineText } from '../shared/machine/use-machine-text.ts'
import { formats, useLanguage } from '../shared/text/index.ts'
import { newPressId } from './press-id.ts'
import { useOperatorText } from './use-operator-text.ts'
import { ValuePad } from './value-pad.tsx'

const RUN_ICONS = { active: LoaderCircle, completed: CircleCheck, failed: CircleX, interrupted: TriangleAlert }

export function FlowButtons({ buttons, mayPress, onOpen }: { buttons: PanelButton[]; mayPress: boolean; onOpen: (nodeId: string) => void }) {
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
        <FlowButton key={button.nodeId} button={button} mayPress={mayPress} onOpen={() => onOpen(button.nodeId)} />
      ))}
    </section>
  )
}

function FlowButton({ button, mayPress, onOpen }: { button: PanelButton; mayPress: boolean; onOpen: () => void }) {
  const text = useOperatorText()
  const words = useMachineText()
  const format = formats(useLanguage())
  const reason = mayPress ? button.reason : words.notAllowed
  const { lastPress } = button
  const RunIcon = lastPress ? RUN_ICONS[lastPress.state] : undefined
  return (
    <button
      type="button"
      className="op-button"
      data-color={button.color}
      data-testid={`button-${button.nodeId}`}
      disabled={!button.isEnabled || !mayPress}
      onClick={onOpen}
    >
      <strong>{button.label}</strong>
      <span>{button.says}</span>
      {reason && (!button.isEnabled || !mayPress) ? (
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
          <small>{lastPress.text ?? text.pressed(lastPress.by, format.time(lastPress.at))}</small>
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
  const words = useMachineText()
  const [pressId] = useState(newPressId)
  const [waitingId, setWaitingId] = useState(button.waiting[0]?.id)
  const [values, setValues] = useState<Record<string, string>>({})
  const [problem, setProblem] = useState<string>()
  const [isSending, setSending] = useState(false)
  const [asking, setAsking] = useState(button.asks[0]?.key)
  const current = button.asks.find((ask) => ask.key === asking)
  const trap = useFocusTrap()

  const press = async () => {
    const entered: Record<string, string | number> = {}
    for (const ask of button.asks) {
      const raw = (values[ask.key] ?? '').trim()
      const value = ask.kind === 'number' ? Number(raw) : raw
      if (raw === '' || (typeof value === 'number' && !Number.isFinite(value))) {
        setAsking(ask.key)
        return setProblem(`${ask.label}: ${text.missing}`)
      }
      entered[ask.key] = value
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
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard has Escape, below
    // biome-ignore lint/a11y/noStaticElementInteractions: a click beside the dialog leaves it
    <div className="op-overlay" onClick={(event) => event.target === event.currentTarget && onClose()}>
      <div
        ref={trap}
        className="op-dialog"
        role="dialog"
        aria-modal="false"
        aria-labelledby="op-dialog-title"
        data-wide={button.asks.length > 0 || undefined}
        onKeyDown={(event) => event.key === 'Escape' && onClose()}
      >
        <h2 id="op-dialog-title">{button.label}</h2>
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
                <label key={ask.key} data-chosen={ask.key === asking || undefined}>
                  {ask.label}
                  <span>
                    <input
                      data-testid={`ask-${ask.key}`}
                      className="cw-numbers"
                      inputMode={ask.kind === 'number' ? 'none' : 'text'}
                      value={values[ask.key] ?? ''}
                      onFocus={() => setAsking(ask.key)}
                      onChange={(event) => setValues({ ...values, [ask.key]: event.currentTarget.value.replace(',', '.') })}
                      onKeyDown={(event) => event.key === 'Enter' && press()}
                    />
                    {ask.unit}
                  </span>
                </label>
              ))}
            </div>
            {current?.kind === 'number' && <ValuePad value={values[current.key] ?? ''} onChange={(value) => setValues({ ...values, [current.key]: value })} />}
          </div>
        )}
        {problem && (
          <p className="op-problem" role="alert">
            {problem}
          </p>
        )}
        <footer>
          <button type="button" className="op-dialog-back" onClick={onClose}>
            <ArrowLeft size={22} aria-hidden /> {text.back}
          </button>
          <button type="button" className="op-dialog-press" data-testid="confirm-press" disabled={isSending} onClick={press}>
            {isSending ? words.sending : text.press}
          </button>
        </footer>
      </div>
    </div>
  )
}
