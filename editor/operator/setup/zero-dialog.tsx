/** The place where the tool stands becomes a coordinate: typed in the unit that counted when the dialog opened, told in mm. */
import { Crosshair } from 'lucide-react'
import type { WorkOffsetName } from '../../../server/api/motion.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { digitsIn } from '../../shared/units.ts'
import { useUnits } from '../../shared/use-units.tsx'
import type { Acting } from '../use-acting.ts'
import { usePanelText } from '../use-operator-text.ts'
import { NumberDialog } from './number-dialog.tsx'

export interface ZeroDialogProps {
  axis: string
  offset: WorkOffsetName
  /** Why it cannot be done now. */
  gate: string | undefined
  acting: Acting
  /** In mm. */
  onSet: (valueMm: number) => void
  onClose: () => void
}

/** As many decimals as were typed. */
const decimalsOf = (value: number): number => /\.(\d+)$/.exec(String(value))?.[1]?.length ?? 0

export function ZeroDialog({ axis, offset, gate, acting, onSet, onClose }: ZeroDialogProps) {
  const text = usePanelText().setup
  const format = formats(useLanguage())
  const { unit, toMm } = useUnits()
  return (
    <NumberDialog
      title={text.zeroTitle(axis, offset)}
      label={text.becomes(axis)}
      unit={unit}
      initial="0"
      gate={gate}
      action={text.setHere}
      says={(value) => text.setHereSays(axis, `${format.number(value, Math.max(digitsIn(unit, 3), decimalsOf(value)))} ${unit}`, offset)}
      icon={<Crosshair size={22} aria-hidden />}
      problem={acting.problem}
      isBusy={acting.busy !== undefined}
      testId="zero"
      onConfirm={(value) => onSet(toMm(value))}
      onClose={onClose}
    />
  )
}
