/**
 * STOP and HOLD of all machines in the frame of every page, in one place wherever a person is. Pages that deal with one machine have
 * its own stops besides; the operator's panel has them large.
 */
import './machine.css'
import type { MachineView } from '../../../server/api/machines.ts'
import type { Me } from '../../../server/api/people.ts'
import { upsertBy, useLive } from '../live.ts'
import { may } from '../me.ts'
import { StopButton, sendersTo } from './stop-bar.tsx'
import { useCancelledWords, useStopEffects, useStopEffectWords } from './stop-effects.tsx'
import { useMachineText } from './use-machine-text.ts'

const NONE: readonly MachineView[] = []

export function FrameStops({ me }: { me: Me | undefined }) {
  const text = useMachineText()
  const machines = useLive(
    'machines',
    upsertBy((machine) => machine.id),
    may(me, 'machines.view') && may(me, 'machines.stop'),
  )
  const list = machines.value ?? NONE
  const say = useStopEffectWords()
  const effects = useStopEffects(list.some(({ state }) => state?.job !== undefined) && may(me, 'jobs.view'))
  const cancels = useCancelledWords()(effects)
  if (!list.length) return null
  const nameOf = (id: string) => list.find((machine) => machine.id === id)?.name ?? id
  const says = [text.stopAllMeaning, ...effects.map((effect) => `${nameOf(effect.machineId)}: ${say(effect)}`)].join('. ')
  const { stop, hold } = sendersTo(list)
  return (
    <aside className="cw-frame-stops" aria-label={text.stopsOfAll}>
      <StopButton kind="stop" label={text.stopAll} says={says} also={cancels} isDisabled={false} isSmall testId="stop-all" send={stop} />
      <StopButton kind="hold" label={text.holdAll} says={text.holdAllMeaning} isDisabled={false} isSmall testId="hold-all" send={hold} />
    </aside>
  )
}
