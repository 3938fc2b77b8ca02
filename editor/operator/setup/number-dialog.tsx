/** Asks for one number with the keypad and does something with it by a kept press: zeroing, the tool in the spindle, a spindle speed. */
import { type ReactNode, useState } from 'react'
import { HoldToConfirm } from '../../shared/machine/hold-to-confirm.tsx'
import { useMachineText } from '../../shared/machine/use-machine-text.ts'
import { Back, OperatorDialog, Problem } from '../operator-dialog.tsx'
import { TypedField } from '../typed-field.tsx'
import { useOperatorText } from '../use-operator-text.ts'
import { ValuePad } from '../value-pad.tsx'

export interface NumberDialogProps {
  title: string
  label: string
  unit?: string
  initial: string
  /** Why it cannot be done now. */
  gate: string | undefined
  action: string
  /** What will happen, in words; undefined for a number that cannot be. */
  says: (value: number) => string | undefined
  icon: ReactNode
  problem: string | undefined
  isBusy: boolean
  testId: string
  onConfirm: (value: number) => void
  onClose: () => void
}

export function NumberDialog(props: NumberDialogProps) {
  const { title, label, unit, initial, gate, action, says, icon, problem, isBusy, testId, onConfirm, onClose } = props
  const text = useOperatorText()
  const words = useMachineText()
  const [typed, setTyped] = useState(initial)
  const value = typed.trim() === '' ? Number.NaN : Number(typed)
  const meaning = Number.isFinite(value) ? says(value) : undefined
  return (
    <OperatorDialog title={title} isWide onClose={onClose}>
      <div className="op-asks">
        <div>
          <TypedField label={label} unit={unit} isNumber value={typed} isChosen testId={`${testId}-value`} onChange={setTyped} />
          <Problem>{problem}</Problem>
        </div>
        <ValuePad value={typed} onChange={setTyped} isFresh={typed === initial} />
      </div>
      <footer>
        <Back onClick={onClose} />
        <HoldToConfirm
          testId={`${testId}-confirm`}
          icon={icon}
          label={action}
          says={meaning ?? text.missing}
          hint={gate ?? words.holdToConfirm}
          isDisabled={gate !== undefined || meaning === undefined || isBusy}
          onConfirm={() => onConfirm(value)}
        />
      </footer>
    </OperatorDialog>
  )
}
