/**
 * Environment variables of tabs, groups, subflows and the flows as a whole, as Node-RED stores them: a list of name, type and
 * value; in a subflow each may say how an instance's form shows it (`ui`; @node-red/editor-client, subflow.js). No view.
 */
import type { FlowModel } from '../../model/flow-model.ts'
import { type FlowNode, parentOf } from '../../model/raw.ts'

export interface EnvItem {
  name: string
  type: string
  value: unknown
  ui?: EnvUi
  [more: string]: unknown
}

export interface EnvUi {
  type?: string
  /** By language. */
  label?: Record<string, string>
  opts?: { types?: string[]; opts?: { l?: Record<string, string>; v: string }[]; min?: number; max?: number; [more: string]: unknown }
  [more: string]: unknown
}

/** Sources of a variable's value; `cred` is kept with the credentials and never in the flows. */
export const ENV_SOURCES = ['str', 'num', 'bool', 'json', 'bin', 'env', 'jsonata', 'cred'] as const
/** What an instance may choose from where the subflow says nothing (DEFAULT_ENV_TYPE_LIST). */
export const INSTANCE_SOURCES = ['str', 'num', 'bool', 'json', 'bin', 'env'] as const
/** How an instance's form may show a variable. */
export const INPUT_KINDS = ['input', 'select', 'checkbox', 'spinner', 'cred', 'conf-types', 'none', 'hide'] as const
export type InputKind = (typeof INPUT_KINDS)[number]

export function envOf(node: Readonly<Record<string, unknown>>): EnvItem[] {
  if (!Array.isArray(node.env)) return []
  return (node.env as unknown[]).filter((item): item is EnvItem => typeof item === 'object' && item !== null && typeof (item as EnvItem).name === 'string')
}

export type EnvFault = 'noName' | 'twice' | 'reserved'

/** What is wrong with the names of a list, by index. */
export function faultsOf(items: readonly EnvItem[]): Map<number, EnvFault> {
  const faults = new Map<number, EnvFault>()
  items.forEach(({ name }, index) => {
    if (name.trim() === '') faults.set(index, 'noName')
    else if (name.startsWith('NR_')) faults.set(index, 'reserved')
    else if (items.some((other, at) => at < index && other.name === name)) faults.set(index, 'twice')
  })
  return faults
}

/** How a subflow's variable is shown: as it says, else by its type. */
export function inputKindOf({ type, ui }: EnvItem): InputKind {
  const known = INPUT_KINDS.find((kind) => kind === ui?.type)
  if (known) return known
  return type === 'cred' ? 'cred' : 'input'
}

/** A label in the reader's language, else in any, else the name. */
export function labelOf({ name, ui }: EnvItem, language: string): string {
  const labels = ui?.label ?? {}
  return labels[language] || labels[language === 'en' ? 'en-US' : language] || labels['en-US'] || Object.values(labels).find((label) => label !== '') || name
}

/** The subflow's variables with the instance's values; `isOwn` where the instance has its own. */
export function instanceEnv(
  definition: FlowNode,
  instance: Readonly<Record<string, unknown>>,
): { item: EnvItem; type: string; value: unknown; isOwn: boolean }[] {
  const own = new Map(envOf(instance).map((item) => [item.name, item]))
  return envOf(definition).map((item) => {
    const mine = own.get(item.name)
    return { item, type: mine?.type ?? item.type, value: mine ? mine.value : item.value, isOwn: mine !== undefined }
  })
}

/** The instance's list with one value set, or (undefined) as the subflow has it. Other entries stay as they are. */
export function withInstanceValue(instance: Readonly<Record<string, unknown>>, name: string, value: { type: string; value: unknown } | undefined): EnvItem[] {
  const list = envOf(instance)
  const at = list.findIndex((item) => item.name === name)
  if (!value) return list.filter((item) => item.name !== name)
  const item = { ...(at < 0 ? {} : list[at]), name, ...value }
  return at < 0 ? [...list, item] : list.with(at, item)
}

const NAMED = (name: string) => [`\${${name}}`, `$(${name})`, `$env("${name}")`, `$env('${name}')`, `env.get("${name}")`, `env.get('${name}')`]

/** How many nodes below a tab, group or subflow read a variable. */
export function usesOf(model: FlowModel, holder: FlowNode, name: string): number {
  if (name === '') return 0
  const isInside = (node: FlowNode): boolean => {
    if (holder.type === 'global-config') return true
    if (parentOf(node) !== (holder.type === 'group' ? parentOf(holder) : holder.id)) return false
    if (holder.type !== 'group') return true
    let group: unknown = node.g
    // a broken file may hold a circle
    for (let depth = 0; typeof group === 'string' && depth < 50; depth += 1) {
      if (group === holder.id) return true
      group = model.get(group)?.g
    }
    return false
  }
  const written = NAMED(name)
  return model.export().filter((node) => node.id !== holder.id && isInside(node) && reads(node, name, written)).length
}

function reads(value: unknown, name: string, written: readonly string[]): boolean {
  if (typeof value === 'string') return written.some((text) => value.includes(text))
  if (Array.isArray(value)) return value.some((item) => reads(item, name, written))
  if (typeof value !== 'object' || value === null) return false
  const record = value as Record<string, unknown>
  return Object.entries(record).some(([key, one]) => {
    if (one === 'env' && /t(ype)?$/i.test(key)) {
      const base = key.replace(/(Type|t)$/, '')
      if (record[base] === name || (key === 'type' && record.value === name)) return true
    }
    return reads(one, name, written)
  })
}
