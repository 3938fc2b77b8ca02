/** One probing cycle: what it needs, what will move in words, then by a kept press. What was entered last is there again. */
import { Crosshair } from 'lucide-react'
import { useState } from 'react'
import type { MachineView } from '../../../server/api/machines.ts'
import type { WorkOffsetName } from '../../../server/api/motion.ts'
import { HoldToConfirm } from '../../shared/machine/hold-to-confirm.tsx'
import { useMachineText } from '../../shared/machine/use-machine-text.ts'
import { useIdleGate } from '../gate.ts'
import { Back, OperatorDialog } from '../operator-dialog.tsx'
import { Choice } from '../tabs/move-tab.tsx'
import { TypedField } from '../typed-field.tsx'
import { useActing } from '../use-acting.ts'
import { usePanelText } from '../use-operator-text.ts'
import { ValuePad } from '../value-pad.tsx'
import { CHOICES, CYCLES, type CycleName, FIRST_DRAFT, type ProbeDraft, type ProbeNumber, probeAction } from './probe-cycles.ts'

const keyOf = (machineId: string) => `cellwright-probe-${machineId}`

function kept(machineId: string): ProbeDraft['numbers'] {
  try {
    const known = JSON.parse(localStorage.getItem(keyOf(machineId)) ?? '{}') as Record<string, unknown>
    return Object.fromEntries(Object.entries(known).filter(([, value]) => typeof value === 'string' && value.length < 20)) as ProbeDraft['numbers']
  } catch {
    // storage may be forbidden or hold something else
    return {}
  }
}
function keep(machineId: string, numbers: ProbeDraft['numbers']): void {
  try {
    localStorage.setItem(keyOf(machineId), JSON.stringify(numbers))
  } catch {
    // it is entered again next time
  }
}

export function ProbeDialog({ machine, cycle, offset, onClose }: { machine: MachineView; cycle: CycleName; offset: WorkOffsetName; onClose: () => void }) {
  const text = usePanelText().probe
  const words = useMachineText()
  const [draft, setDraft] = useState<ProbeDraft>(() => ({ ...FIRST_DRAFT, into: offset, numbers: { ...FIRST_DRAFT.numbers, ...kept(machine.id) } }))
  const { numbers, choices } = CYCLES[cycle]
  const [asking, setAsking] = useState<ProbeNumber | undefined>(numbers[0])
  const acting = useActing(machine.id)
  const gate = useIdleGate(machine, ['tool'])
  const made = probeAction(cycle, draft)
  const enter = (key: ProbeNumber, value: string) => setDraft({ ...draft, numbers: { ...draft.numbers, [key]: value } })
  const start = () => {
    if (!('action' in made)) return
    keep(machine.id, draft.numbers)
    void acting.act(made.action)
  }
  const says = text.says[cycle](machine.name, draft.numbers.maxTravelMm ?? '')
  return (
    <OperatorDialog title={text.cycles[cycle]} isWide={numbers.length > 0} onClose={onClose}>
      {numbers.length > 0 && (
        <div className="op-asks">
          <div>
            {numbers.map((key) => (
              <TypedField
                key={key}
                label={text.numbers[key]}
                unit="mm"
                isNumber
                value={draft.numbers[key] ?? ''}
                isChosen={key === asking}
                testId={`probe-${key}`}
                onChoose={() => setAsking(key)}
                onChange={(value) => enter(key, value)}
              />
            ))}
            {choices.map((key) => (
              <Choice
                key={key}
                legend={text.choices[key]}
                values={CHOICES[key] as readonly string[]}
                chosen={draft.choices[key]}
                onChoose={(value) => setDraft({ ...draft, choices: { ...draft.choices, [key]: value } })}
                testId={`probe-${key}`}
              >
                {(value) => text.choiceValues[value as keyof typeof text.choiceValues]}
              </Choice>
            ))}
          </div>
          {asking && <ValuePad value={draft.numbers[asking] ?? ''} onChange={(value) => enter(asking, value)} />}
        </div>
      )}
      {cycle === 'tool-length' ? (
        <label className="op-check">
          <input type="checkbox" checked={draft.isReference} onChange={(event) => setDraft({ ...draft, isReference: event.currentTarget.checked })} />
          {text.isReference}
        </label>
      ) : (
        <label className="op-check">
          <input
            type="checkbox"
            checked={draft.into !== undefined}
            onChange={(event) => setDraft({ ...draft, into: event.currentTarget.checked ? offset : undefined })}
            data-testid="probe-set"
          />
          {text.set[cycle](offset)}
        </label>
      )}
      {acting.problem && (
        <p className="op-problem" role="alert" data-testid="probe-problem">
          {acting.problem}
        </p>
      )}
      {acting.result && (
        <p className="op-good" role="status" data-testid="probe-result">
          {acting.result.probe?.setText ?? acting.result.text}
        </p>
      )}
      <footer>
        <Back onClick={onClose} />
        <HoldToConfirm
          testId="probe-start"
          icon={<Crosshair size={22} aria-hidden />}
          label={acting.busy ? text.busy : text.start}
          says={says}
          hint={gate ?? ('missing' in made ? text.enter(text.numbers[made.missing]) : words.holdToConfirm)}
          isDisabled={gate !== undefined || 'missing' in made || acting.busy !== undefined}
          onConfirm={start}
        />
      </footer>
    </OperatorDialog>
  )
}
