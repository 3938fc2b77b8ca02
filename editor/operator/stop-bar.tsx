/**
 * STOP and HOLD, in the same place on every operator page. They act on press, not on release, go straight to
 * the motion guard, and say when they could not be sent.
 */
import { Pause, Square } from 'lucide-react'
import { useState } from 'react'
import { holdMachine, type MachineView, stopMachine } from '../../server/api/machines.ts'
import { call } from '../shared/api.ts'
import { useLine } from '../shared/live.ts'
import { formats, useLanguage } from '../shared/text/index.ts'
import { useOperatorText } from './use-operator-text.ts'

type Sending = { state: 'ready' } | { state: 'sending' } | { state: 'sent'; at: string } | { state: 'failed'; why: string }

export function StopBar({ machine, isAllowed }: { machine: MachineView | undefined; isAllowed: boolean }) {
  const text = useOperatorText()
  const { state: line } = useLine()
  const params = { machineId: machine?.id ?? '' }
  const isDisabled = !machine || !isAllowed
  return (
    <aside className="op-stops" aria-label={`${text.stop}, ${text.hold}`}>
      <StopButton
        kind="stop"
        label={text.stop}
        says={text.stopMeaning}
        isDisabled={isDisabled}
        send={async () => (await call(stopMachine, { params, body: { hard: false } })).sentAt}
      />
      <StopButton
        kind="hold"
        label={text.hold}
        says={text.holdMeaning}
        isDisabled={isDisabled}
        send={async () => (await call(holdMachine, { params })).sentAt}
      />
      <p className="op-stops-note" data-alarm={line === 'lost' || undefined}>
        {line === 'lost' ? text.offline : machine && !isAllowed ? text.notAllowed : text.notEmergency}
      </p>
    </aside>
  )
}

interface StopButtonProps {
  kind: 'stop' | 'hold'
  label: string
  says: string
  isDisabled: boolean
  /** @returns when the guard wrote the byte */
  send: () => Promise<string>
}

function StopButton({ kind, label, says, isDisabled, send }: StopButtonProps) {
  const text = useOperatorText()
  const format = formats(useLanguage())
  const [sending, setSending] = useState<Sending>({ state: 'ready' })
  const press = () => {
    if (isDisabled) return
    setSending({ state: 'sending' })
    // a second press sends again: a stop is never swallowed
    send().then(
      (at) => setSending({ state: 'sent', at }),
      (error: Error) => setSending({ state: 'failed', why: error.message }),
    )
  }
  return (
    <button
      type="button"
      className="op-stop"
      data-kind={kind}
      data-failed={sending.state === 'failed' || undefined}
      data-testid={kind}
      disabled={isDisabled}
      onPointerDown={press}
      onKeyDown={(event) => {
        if ((event.key === 'Enter' || event.key === ' ') && !event.repeat) press()
      }}
      onContextMenu={(event) => event.preventDefault()}
    >
      {kind === 'stop' ? <Square size={30} fill="currentColor" aria-hidden /> : <Pause size={30} fill="currentColor" aria-hidden />}
      <strong>{label}</strong>
      <span aria-live="assertive" title={sending.state === 'failed' ? sending.why : undefined}>
        {sending.state === 'ready' && says}
        {sending.state === 'sending' && text.sending}
        {sending.state === 'sent' && text.sent(format.time(sending.at))}
        {sending.state === 'failed' && text.stopFailed}
      </span>
    </button>
  )
}
