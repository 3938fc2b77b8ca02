/** What nodes name of this installation, found by the forms of their types: another thing in every shop. Pure. */
import type { FlowNode, NodeType, QualityPick } from '../api/index.ts'

/** `characteristic`: a name that anybody may write; the one on the list is a `quality-characteristic`. */
export type PickKind = 'machine' | 'connection' | 'program' | 'characteristic' | QualityPick

export interface PickedThing {
  path: string
  kind: PickKind
  value: string
  /** Of the field. */
  title: string
}

interface Field {
  widget?: string
  title?: string
  suggests?: string
  picks?: string
  default?: unknown
  when?: { field: string; is: readonly string[] }
}

type FormOf = Pick<NodeType, 'configSchema'> | undefined
const fieldsOf = (type: FormOf) => (type?.configSchema as { properties?: Record<string, Field> } | undefined)?.properties ?? {}

/** What stands in a field that the node does not look at now is left out, and what the environment says. */
export function picksOf(node: FlowNode, type: FormOf): PickedThing[] {
  const fields = fieldsOf(type)
  return Object.entries(fields).flatMap(([path, field]): PickedThing[] => {
    const kind = kindOf(field, node, path)
    const value = node[path]
    if (!kind || typeof value !== 'string' || value === '' || /^\$[{(]/.test(value) || !isLookedAt(field, node, fields)) return []
    return [{ path, kind, value, title: field.title ?? path }]
  })
}

function kindOf({ widget, suggests, picks }: Field, node: FlowNode, path: string): PickKind | undefined {
  switch (widget) {
    case 'machine':
    case 'connection':
    case 'program':
    case 'quality-characteristic':
    case 'sampling-plan':
    case 'gage-study':
      return widget
    case 'message-value':
      if (node[`${path}Type`] !== 'str') return undefined
      return picks === 'program' ? picks : suggests === 'inspection-plan' ? suggests : undefined
    default:
      return suggests === 'characteristic' ? suggests : undefined
  }
}

function isLookedAt({ when }: Field, node: FlowNode, fields: Record<string, Field>): boolean {
  if (!when) return true
  const chosen = node[when.field] ?? fields[when.field]?.default
  return typeof chosen === 'string' && when.is.includes(chosen)
}

export const isOfQuality = (kind: PickKind): kind is QualityPick =>
  kind !== 'machine' && kind !== 'connection' && kind !== 'program' && kind !== 'characteristic'
