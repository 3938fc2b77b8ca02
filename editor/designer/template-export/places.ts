/** What in the chosen nodes could be another thing in another shop: every value with its place and its title. No view. */

import { QUALITY_PICKS } from '../../../server/api/quality/picks.ts'
import type { ExportParameter } from '../../../server/api/templates/index.ts'
import { type Field, fieldsOf } from '../config/schema.ts'
import { titleOf } from '../deploy/title-of.ts'
import { type FlowNode, kindOf } from '../model/raw.ts'
import type { Types } from '../model/scene.ts'

export type Place = ExportParameter['places'][number]
export type Value = string | number | boolean

/** A value that can become a parameter. */
export interface Candidate extends Place {
  /** Of the node. */
  node: string
  /** Of the property. */
  title: string
  value: Value
  /** How it would be asked. */
  kind: ParameterKind
  unit?: string
  /** What it can be, where the node's form has a list. */
  choices?: { value: string; label: string }[]
}

export const PARAMETER_KINDS = ['text', 'number', 'checkbox', 'select', 'machine', 'connection', 'program', ...QUALITY_PICKS] as const
export type ParameterKind = (typeof PARAMETER_KINDS)[number]
/** What is of one shop alone, and no preset for another. */
export const isOfShop = (kind: ParameterKind): boolean =>
  kind === 'machine' || kind === 'connection' || kind === 'program' || (QUALITY_PICKS as readonly string[]).includes(kind)

/** A value that is no setting: where the node lies, what it is, what leads where. */
const NO_SETTING: ReadonlySet<string> = new Set(
  ['id', 'type', 'z', 'g', 'x', 'y', 'w', 'h', 'l', 'd', 'wires', 'links', 'scope', 'nodes', 'in', 'out', 'status', 'info', 'style', 'color', 'icon'].concat([
    'inputs',
    'outputs',
    'disabled',
    'locked',
    'label' /* of a tab: numbered at the import */,
  ]),
)
/** Node-RED's words for where a value comes from. */
const SOURCES: ReadonlySet<string> = new Set([
  'msg',
  'str',
  'num',
  'bool',
  'json',
  'flow',
  'global',
  'env',
  'date',
  'jsonata',
  'full',
  'auto',
  'bin',
  're',
  'jsonata_exp',
])
const MOST_DEEP = 4

const isValue = (value: unknown): value is Value => typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'

export function candidatesOf(nodes: readonly FlowNode[], types: Types): Candidate[] {
  const ids = new Set(nodes.map(({ id }) => id))
  return nodes.flatMap((node) => {
    const kind = kindOf(node)
    if (node.type === 'comment' || kind === 'junction' || kind === 'group') return []
    const name = titleOf(node, types)
    const fields = fieldsOf(types.get(node.type)?.configSchema)
    const own = kind === 'tab' || kind === 'subflow' ? ['env'] : Object.keys(node).filter((key) => key === 'label' || !NO_SETTING.has(key))
    return own.flatMap((key) => {
      const field = fields.find((each) => each.key === key)
      if (fields.some((each) => each.widget === 'message-value' && each.typeProperty === key)) return []
      return valuesIn(node[key], key, 0)
        .filter(({ path, value }) => isSetting(node, path, value, ids))
        .map(({ path, value }) => candidate({ node, name, path, value, field }))
    })
  })
}

function valuesIn(value: unknown, path: string, depth: number): { path: string; value: Value }[] {
  if (isValue(value)) return [{ path, value }]
  if (typeof value !== 'object' || value === null || depth >= MOST_DEEP) return []
  return Object.entries(value).flatMap(([key, inner]) => valuesIn(inner, `${path}.${key}`, depth + 1))
}

function isSetting(node: FlowNode, path: string, value: Value, ids: ReadonlySet<string>): boolean {
  const key = path.split('.').at(-1) ?? ''
  if (value === '' || (typeof value === 'string' && ids.has(value))) return false
  // already one of a template, or of the environment
  if (typeof value === 'string' && /\{\{[^}]*\}\}/.test(value)) return false
  // what says where a value comes from, and where it does not come from here
  if (typeof value === 'string' && SOURCES.has(value) && /(t|[tT]ype|action)$/.test(key)) return false
  const source = node[`${path}Type`]
  return source === undefined || source === 'str' || source === 'num' || source === 'bool' || source === 'json'
}

function candidate({ node, name, path, value, field }: { node: FlowNode; name: string; path: string; value: Value; field: Field | undefined }): Candidate {
  const parts = path.split('.').slice(1)
  const column = field?.widget === 'rows' ? field.fields.find(({ key }) => key === parts[1]) : undefined
  const title = column ? `${field?.title} ${Number(parts[0]) + 1}: ${column.title}` : [field?.title ?? path.split('.')[0], ...parts].join(' · ')
  const shown = column ?? (parts.length ? undefined : field)
  return {
    nodeId: node.id,
    path,
    node: name,
    title,
    value,
    kind: kindFor(shown, value),
    ...(shown?.unit ? { unit: shown.unit } : {}),
    ...(shown?.widget === 'select' ? { choices: shown.options } : {}),
  }
}

function kindFor(field: Field | undefined, value: Value): ParameterKind {
  switch (field?.widget) {
    case 'pick':
      return field.from
    case 'select':
      return 'select'
    case 'message-value':
      if (typeof value !== 'string') return kindFor(undefined, value)
      return field.picks ?? (field.schema.suggests === 'inspection-plan' ? 'inspection-plan' : 'text')
    default:
      return typeof value === 'boolean' ? 'checkbox' : typeof value === 'number' ? 'number' : 'text'
  }
}

/** Other places of the same property with the same value: one question does for all. */
export function alike(of: Candidate, all: readonly Candidate[]): Candidate[] {
  const last = of.path.split('.').at(-1)
  return all.filter((each) => each !== of && each.value === of.value && each.path.split('.').at(-1) === last)
}

export const samePlace = (a: Place, b: Place): boolean => a.nodeId === b.nodeId && a.path === b.path
