/** One probing cycle: what it needs, what will move in words, then by a kept press. What was entered last is there again. */
import { Crosshair } from 'lucide-react'
import { useState } from 'react'
import type { MachineView } from '../../../server/api/machines.ts'
import type { ActionResult, WorkOffsetName } from '../../../server/api/motion.ts'
import { HoldToConfirm } from '../../shared/machine/hold-to-confirm.tsx'
import { useMachineText } from '../../shared/machine/use-machine-text.ts'
import type { LengthUnit } from '../../shared/units.ts'
import { useUnits } from '../../shared/use-units.tsx'
import { useIdleGate } from '../gate.ts'
import { Back, OperatorDialog } from '../operator-dialog.tsx'
import { Choice } from '../tabs/move-tab.tsx'
import { TypedField } from '../typed-field.tsx'
import { useActing } from '../use-acting.ts'
import { usePanelText } from '../use-operator-text.ts'
import { ValuePad } from '../value-pad.tsx'
import { CHOICES, CYCLES, type CycleName, firstDraft, type ProbeDraft, type ProbeNumber, probeAction } from './probe-cycles.ts'

/** Inches and millimetres are kept apart: nothing that was typed is ever read as the other. */
const keyOf = (machineId: string, unit: LengthUnit) => `cellwright-probe-${machineId}${unit === 'mm' ? '' : `-${unit}`}`

function kept(machineId: string, unit: LengthUnit): ProbeDraft['numbers'] {
  try {
    const known = JSON.parse(localStorage.getItem(keyOf(machineId, unit)) ?? '{}') as Record<string, unknown>
    return Object.fromEntries(Object.entries(known).filter(([, value]) => typeof value === 'string' && value.length < 20)) as ProbeDraft['numbers']
  } catch {
    // storage may be forbidden or hold something else
    return {}
  }
}
function keep(machineId: string, { numbers, unit }: ProbeDraft): void {
  try {
    localStorage.setItem(keyOf(machineId, unit), JSON.stringify(numbers))
  } catch {
    // it is entered again next time
  }
}

export function ProbeDialog({ machine, cycle, offset, onClose }: { machine: MachineView; cycle: CycleName; offset: WorkOffsetName; onClose: () => void }) {
  const text = usePanelText().probe
  const words = useMachineText()
  const units = useUnits()
  const [draft, setDraft] = useState<ProbeDraft>(() => {
    const first = firstDraft(units.unit)
    return { ...first, into: offset, numbers: { ...first.numbers, ...kept(machine.id, units.unit) } }
  })
  const { numbers, choices } = CYCLES[cycle]
  const [asking, setAsking] = useState<ProbeNumber | undefined>(numbers[0])
  const acting = useActing(machine.id)
  const gate = useIdleGate(machine, ['tool'])
  const made = probeAction(cycle, draft)
  const enter = (key: ProbeNumber, value: string) => setDraft({ ...draft, numbers: { ...draft.numbers, [key]: value } })
  const start = () => {
    if (!('action' in made)) return
    keep(machine.id, draft)
    void acting.act(made.action)
  }
  const says = text.says[cycle](machine.name, `${draft.numbers.maxTravelMm || '?'} ${draft.unit}`)
  /** What the guard says is in mm: in inches it is said here. */
  const foundText = ({ text: said, probe }: ActionResult) => {
    if (units.unit === 'mm' || !probe) return probe?.setText ?? said
    const { foundMm = {}, diameterMm, toolLengthMm, setText } = probe
    const found = [
      ...Object.entries(foundMm).map(([axis, mm]) => `${axis} ${units.place(mm)} ${units.unit}`),
      ...(diameterMm === undefined ? [] : [text.diameter(units.lengthText(diameterMm))]),
      ...(toolLengthMm === undefined ? [] : [text.toolLength(units.lengthText(toolLengthMm))]),
    ]
    if (!found.length) return setText ?? said
    return `${text.found(found.join(', '))}${setText === undefined || cycle === 'tool-length' || draft.into === undefined ? '' : ` ${text.isSet(draft.into)}`}`
  }
  return (
    <OperatorDialog title={text.cycles[cycle]} isWide={numbers.length > 0} onClose={onClose}>
      {numbers.length > 0 && (
        <div className="op-asks">
          <div>
            {numbers.map((key) => (
              <TypedField
                key={key}
                label={text.numbers[key]}
                unit={draft.unit}
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
          {foundText(acting.result)}
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
