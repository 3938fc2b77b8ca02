/** Who has control of the machine, said in words; asking for it, handing it over, refusing. */
import { Hand, LockKeyhole, UserRound } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { MachineView } from '../../../server/api/machines.ts'
import { usePanelState } from '../gate.ts'
import { panelId } from '../people/panel-settings.ts'
import { usePanelText } from '../use-operator-text.ts'
import type { ControlAct } from './use-control.ts'

const TICK_MS = 500

/** @param props.isQuiet nothing is said while nothing is out of the ordinary: it is free, or here */
export function ControlBar({ machine, isQuiet }: { machine: MachineView; isQuiet: boolean }) {
  const text = usePanelText().control
  const { control, mayOperate, isStale } = usePanelState()
  const [problem, setProblem] = useState<string>()
  const [now, setNow] = useState(() => Date.now())
  const held = control.of(machine.id)
  const request = held?.request
  useEffect(() => {
    if (!request) return
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), TICK_MS)
    return () => clearInterval(timer)
  }, [request])
  if (!mayOperate || (isQuiet && !request && (!held || held.holder.panelId === panelId))) return null
  const act = (what: ControlAct) =>
    control.act(machine.id, what).then(
      () => setProblem(undefined),
      (error: Error) => setProblem(error.message),
    )
  const isMine = held?.holder.panelId === panelId
  const isMyRequest = request?.panelId === panelId
  const leftS = request ? Math.max(0, Math.ceil((Date.parse(request.takeAt) - now) / 1000)) : 0
  const wasRefused = held?.refused?.panelId === panelId && !request
  const button = (what: ControlAct, label: string, isMain = false) => (
    <button type="button" className={isMain ? 'op-main-action' : 'op-plain'} disabled={isStale} onClick={() => act(what)} data-testid={`control-${what}`}>
      {label}
    </button>
  )
  return (
    <section
      className="op-control"
      aria-label={text.label}
      data-state={!held ? 'free' : isMine ? 'here' : 'elsewhere'}
      data-asked={(isMine && request !== undefined) || undefined}
      data-testid="control"
    >
      {!held || isMine ? <Hand size={22} aria-hidden /> : <LockKeyhole size={22} aria-hidden />}
      <p aria-live="polite">
        {!held && text.free}
        {isMine && !request && text.here}
        {isMine && request && (
          <strong>
            <UserRound size={20} aria-hidden /> {text.asks(request.person, request.panel)}
          </strong>
        )}
        {held && !isMine && (
          <>
            {text.elsewhere(held.holder.person, held.holder.panel)}
            {isMyRequest && <em> {leftS > 0 ? text.waiting(String(leftS)) : text.noAnswer}</em>}
            {wasRefused && <em> {text.refused}</em>}
          </>
        )}
        {problem && <em role="alert"> {problem}</em>}
      </p>
      {!held && button('take', text.take)}
      {isMine && !request && button('give-back', text.giveBack)}
      {isMine && request && (
        <>
          {button('refuse', text.refuse)}
          {button('hand-over', text.handOver, true)}
        </>
      )}
      {held && !isMine && !request && button('ask', text.ask)}
      {held && !isMine && isMyRequest && leftS > 0 && button('withdraw', text.withdraw)}
      {held && !isMine && isMyRequest && leftS === 0 && button('take', text.takeOver, true)}
    </section>
  )
}
