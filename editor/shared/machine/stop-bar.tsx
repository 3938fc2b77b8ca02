/**
 * STOP and HOLD, in the same place on every page that deals with a machine. They act on press, not on release, go straight to
 * the motion guard, and say when they could not be sent.
 */
import './machine.css'
import { Pause, Square } from 'lucide-react'
import { useState } from 'react'
import { holdMachine, type MachineView, stopMachine } from '../../../server/api/machines.ts'
import { call } from '../api.ts'
import { useLine } from '../live.ts'
import { formats, useLanguage } from '../text/index.ts'
import { useMachineText } from './use-machine-text.ts'
import { VirtualMark } from './virtual-mark.tsx'

type Sending = { state: 'ready' } | { state: 'sending' } | { state: 'sent'; at: string } | { state: 'failed'; why: string }

export interface StopBarProps {
  machine: MachineView | undefined
  isAllowed: boolean
  /** Says whose stops these are: for pages where that is not plain. @defaultValue false */
  isNamed?: boolean
  /** Told when the person presses. */
  onPress?: (kind: 'stop' | 'hold') => void
}

export function StopBar({ machine, isAllowed, isNamed = false, onPress }: StopBarProps) {
  const text = useMachineText()
  const { state: line } = useLine()
  const params = { machineId: machine?.id ?? '' }
  const isDisabled = !machine || !isAllowed
  return (
    <aside className="cw-stops" aria-label={machine ? text.stopsOf(machine.name) : `${text.stop}, ${text.hold}`}>
      <StopButton
        kind="stop"
        label={text.stop}
        says={text.stopMeaning}
        isDisabled={isDisabled}
        onPress={() => onPress?.('stop')}
        send={async () => (await call(stopMachine, { params, body: { hard: false } })).sentAt}
      />
      <StopButton
        kind="hold"
        label={text.hold}
        says={text.holdMeaning}
        isDisabled={isDisabled}
        onPress={() => onPress?.('hold')}
        send={async () => (await call(holdMachine, { params })).sentAt}
      />
      {isNamed && machine && (
        <p className={`cw-stops-of ${machine.isVirtual ? 'cw-virtual' : ''}`}>
          {machine.name} {machine.isVirtual && <VirtualMark />}
        </p>
      )}
      <p className="cw-stops-note" data-alarm={line === 'lost' || undefined}>
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
  onPress: () => void
  /** @returns when the guard wrote the byte */
  send: () => Promise<string>
}

function StopButton({ kind, label, says, isDisabled, onPress, send }: StopButtonProps) {
  const text = useMachineText()
  const format = formats(useLanguage())
  const [sending, setSending] = useState<Sending>({ state: 'ready' })
  const press = () => {
    if (isDisabled) return
    // first of all the request; a second press sends again: a stop is never swallowed
    const sent = send()
    onPress()
    setSending({ state: 'sending' })
    sent.then(
      (at) => setSending({ state: 'sent', at }),
      (error: Error) => setSending({ state: 'failed', why: error.message }),
    )
  }
  return (
    <button
      type="button"
      className="cw-stop"
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
