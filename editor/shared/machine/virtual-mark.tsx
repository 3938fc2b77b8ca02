/** The word that marks a virtual machine; the pattern is `.cw-virtual`. */
import './machine.css'
import { useMachineText } from './use-machine-text.ts'

export function VirtualMark() {
  const text = useMachineText()
  return (
    <span className="cw-virtual-mark" title={text.virtualMeaning}>
      {text.virtual}
    </span>
  )
}
