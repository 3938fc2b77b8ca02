/** What single node types show above their fields, beside what their schema makes. One line a type. */
import type { ComponentType } from 'react'
import { ConditionPreview } from './condition-preview.tsx'
import { TimePreview } from './time-preview.tsx'
import type { WidgetProps } from './widget.ts'

const ABOVE: Readonly<Record<string, ComponentType<WidgetProps>>> = {
  'cw-condition-trigger': ConditionPreview,
  'cw-time-trigger': TimePreview,
}

/** What stands above the fields of a node type, if anything does. */
export function AboveFields(props: WidgetProps) {
  const Widget = ABOVE[props.values.type]
  return Widget ? <Widget {...props} /> : null
}
