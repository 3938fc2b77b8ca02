/** What a widget above a form gets. */
import type { FlowNode } from '../../model/raw.ts'

export interface WidgetProps {
  /** The node as the form has it. */
  values: FlowNode
  onChange: (changes: Record<string, unknown>) => void
}
