/** Feed, rapid and spindle overrides while a program runs: large keys, and what is in force. */
import { Minus, Plus } from 'lucide-react'
import type { MachineView } from '../../server/api/machines.ts'
import { useMachineText } from '../shared/machine/use-machine-text.ts'
import { formats, useLanguage } from '../shared/text/index.ts'
import { useHandGate } from './gate.ts'
import { Back, OperatorDialog, Problem } from './operator-dialog.tsx'
import { useActing } from './use-acting.ts'
import { usePanelText } from './use-operator-text.ts'

const within = (value: number) => Math.max(10, Math.min(200, value))

export function OverridesDialog({ machine, onClose }: { machine: MachineView; onClose: () => void }) {
  const text = usePanelText().overrides
  const words = useMachineText()
  const format = formats(useLanguage())
  const acting = useActing(machine.id)
  const gate = useHandGate(machine)
  const { feed = 100, rapid = 100, spindle = 100 } = machine.state?.overridesPercent ?? {}
  const isDisabled = gate !== undefined || acting.busy !== undefined
  const row = (what: 'feed' | 'spindle', label: string, value: number) => (
    <fieldset className="op-override" aria-label={label}>
      <strong>{label}</strong>
      <button
        type="button"
        className="op-plain"
        aria-label={text.less(label)}
        disabled={isDisabled || value <= 10}
        data-testid={`${what}-less`}
        onClick={() => void acting.act({ kind: 'override', [what]: within(value - 10) })}
      >
        <Minus size={28} aria-hidden /> 10
      </button>
      <output className="cw-numbers" data-testid={`${what}-percent`}>
        {format.number(value)} %
      </output>
      <button
        type="button"
        className="op-plain"
        aria-label={text.more(label)}
        disabled={isDisabled || value >= 200}
        data-testid={`${what}-more`}
        onClick={() => void acting.act({ kind: 'override', [what]: within(value + 10) })}
      >
        <Plus size={28} aria-hidden /> 10
      </button>
      <button
        type="button"
        className="op-plain"
        disabled={isDisabled || value === 100}
        data-testid={`${what}-100`}
        onClick={() => void acting.act({ kind: 'override', [what]: 100 })}
      >
        100 %
      </button>
    </fieldset>
  )
  return (
    <OperatorDialog title={text.title} isWide onClose={onClose}>
      {row('feed', words.feed, feed)}
      <fieldset className="op-override" aria-label={text.rapid}>
        <strong>{text.rapid}</strong>
        {([25, 50, 100] as const).map((value) => (
          <button
            key={value}
            type="button"
            className="op-plain"
            aria-pressed={value === rapid}
            disabled={isDisabled}
            data-testid={`rapid-${value}`}
            onClick={() => void acting.act({ kind: 'override', rapid: value })}
          >
            {value} %
          </button>
        ))}
      </fieldset>
      {row('spindle', words.spindle, spindle)}
      <Problem>{gate ?? acting.problem}</Problem>
      <footer>
        <Back onClick={onClose} />
      </footer>
    </OperatorDialog>
  )
}
