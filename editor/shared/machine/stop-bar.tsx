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
import { StopEffects, useCancelledWords, useStopEffectsOf } from './stop-effects.tsx'
import { useMachineText } from './use-machine-text.ts'
import { VirtualMark } from './virtual-mark.tsx'

/** Letters of a label that stay in one line at its full size. */
const LONG = 8

type Sending = { state: 'ready' } | { state: 'sending' } | { state: 'sent'; at: string } | { state: 'failed'; why: string }

export interface StopBarProps {
  machine: MachineView | undefined
  /** Where several are in sight the stops are for all of them, and say so. */
  all?: readonly MachineView[]
  isAllowed: boolean
  /** Says whose stops these are: for pages where that is not plain. @defaultValue false */
  isNamed?: boolean
  /** Told when the person presses. */
  onPress?: (kind: 'stop' | 'hold') => void
}

export function StopBar({ machine, all, isAllowed, isNamed = false, onPress }: StopBarProps) {
  const text = useMachineText()
  const { state: line } = useLine()
  const machines = all ?? (machine ? [machine] : [])
  const effects = useStopEffectsOf(machines.map(({ id }) => id))
  const cancels = useCancelledWords()(effects)
  const isDisabled = machines.length === 0 || !isAllowed
  const { stop, hold } = sendersTo(machines)
  return (
    <aside className="cw-stops" aria-label={all ? text.stopsOfAll : machine ? text.stopsOf(machine.name) : `${text.stop}, ${text.hold}`}>
      <StopButton
        kind="stop"
        label={all ? text.stopAll : text.stop}
        says={all ? text.stopAllMeaning : text.stopMeaning}
        also={cancels}
        isDisabled={isDisabled}
        onPress={() => onPress?.('stop')}
        send={stop}
      />
      <StopButton
        kind="hold"
        label={all ? text.holdAll : text.hold}
        says={all ? text.holdAllMeaning : text.holdMeaning}
        isDisabled={isDisabled}
        onPress={() => onPress?.('hold')}
        send={hold}
      />
      <StopEffects effects={effects} nameOf={all && ((machineId) => all.find(({ id }) => id === machineId)?.name ?? machineId)} />
      {isNamed && machine && (
        <p className={`cw-stops-of ${machine.isVirtual ? 'cw-virtual' : ''}`}>
          {machine.name} {machine.isVirtual && <VirtualMark />}
        </p>
      )}
      <p className="cw-stops-note" data-alarm={line === 'lost' || undefined}>
        {line === 'lost' ? text.offline : machines.length > 0 && !isAllowed ? text.notAllowed : text.notEmergency}
      </p>
    </aside>
  )
}

/** Each by itself and at once: one that cannot be reached keeps no other from being stopped. Resolve with when the last byte was written. */
export function sendersTo(machines: readonly MachineView[]): { stop: () => Promise<string>; hold: () => Promise<string> } {
  const toAll = async (send: (params: { machineId: string }) => Promise<{ sentAt: string }>): Promise<string> => {
    const answers = await Promise.allSettled(machines.map(({ id }) => send({ machineId: id })))
    const failed = answers.flatMap((answer, index) => (answer.status === 'rejected' ? [`${machines[index]?.name}: ${(answer.reason as Error).message}`] : []))
    if (failed.length) throw new Error(failed.join('\n'))
    return (
      answers
        .flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value.sentAt] : []))
        .toSorted()
        .at(-1) ?? ''
    )
  }
  return {
    stop: () => toAll((params) => call(stopMachine, { params, body: { hard: false } })),
    hold: () => toAll((params) => call(holdMachine, { params })),
  }
}

interface StopButtonProps {
  kind: 'stop' | 'hold'
  label: string
  says: string
  /** What else it does just now: to be read at once, on the small one too; what it always does gives way to it. */
  also?: string
  isDisabled: boolean
  /** In the frame of a page: says what it did, and what it does when it is pointed at. @defaultValue false */
  isSmall?: boolean
  testId?: string
  onPress?: () => void
  /** @returns when the guard wrote the byte */
  send: () => Promise<string>
}

export function StopButton({ kind, label, says, also, isDisabled, isSmall = false, testId = kind, onPress, send }: StopButtonProps) {
  const text = useMachineText()
  const format = formats(useLanguage())
  const [sending, setSending] = useState<Sending>({ state: 'ready' })
  const press = () => {
    if (isDisabled) return
    // first of all the request; a second press sends again: a stop is never swallowed
    const sent = send()
    onPress?.()
    setSending({ state: 'sending' })
    sent.then(
      (at) => setSending({ state: 'sent', at }),
      (error: Error) => setSending({ state: 'failed', why: error.message }),
    )
  }
  return (
    <button
      type="button"
      title={isSmall ? `${says}. ${text.notEmergency}` : undefined}
      className="cw-stop"
      data-kind={kind}
      data-failed={sending.state === 'failed' || undefined}
      data-small={isSmall || undefined}
      data-testid={testId}
      disabled={isDisabled}
      onPointerDown={press}
      onKeyDown={(event) => {
        if ((event.key === 'Enter' || event.key === ' ') && !event.repeat) press()
      }}
      onContextMenu={(event) => event.preventDefault()}
    >
      {kind === 'stop' ? (
        <Square size={isSmall ? 16 : 30} fill="currentColor" aria-hidden />
      ) : (
        <Pause size={isSmall ? 16 : 30} fill="currentColor" aria-hidden />
      )}
      <strong data-long={label.length > LONG || undefined}>{label}</strong>
      {also && (
        <em className="cw-stop-also" data-testid={`${testId}-also`}>
          {also}
        </em>
      )}
      <span aria-live="assertive" title={sending.state === 'failed' ? sending.why : undefined}>
        {sending.state === 'ready' && !isSmall && !also && says}
        {sending.state === 'sending' && text.sending}
        {sending.state === 'sent' && text.sent(format.time(sending.at))}
        {sending.state === 'failed' && text.stopFailed}
      </span>
    </button>
  )
}
