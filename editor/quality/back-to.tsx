/** Back to a list that is not beside. */
import { ArrowLeft } from 'lucide-react'

export function BackTo({ label, onBack }: { label: string; onBack: () => void }) {
  return (
    <button type="button" className="quality-back" onClick={onBack} data-testid="back">
      <ArrowLeft size={16} aria-hidden /> {label}
    </button>
  )
}
