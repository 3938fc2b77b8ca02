/** What the server says of templates, in the reader's language. */
import type { FlowProblem } from '../../server/api/flows.ts'
import { CELL, type LayoutScope } from '../../server/api/panel-layouts.ts'
import type { Template, TemplateNeed } from '../../server/api/templates/index.ts'
import { type FindingText, findingWords, refusalWords } from '../designer/deploy/finding-words.ts'
import { ApiError } from '../shared/api.ts'
import { templateRefusals } from '../shared/text/de/template-refusals.ts'
import { templates as de } from '../shared/text/de/templates.ts'
import { templates as en } from '../shared/text/en/templates.ts'
import { catalogue, type Language } from '../shared/text/index.ts'

export const useTemplatesText = catalogue(en, de)
export type TemplatesText = typeof en

/** Whose panel it is: a machine by its id, and the role where it is for one only. */
export function panelWords({ place, role }: LayoutScope, { panelOf }: TemplatesText): string {
  const where = place === undefined ? panelOf.shop : place === CELL ? panelOf.cell : place
  return role === undefined ? where : `${where}, ${panelOf.roles[role]}`
}

type Shown = Pick<Template, 'name' | 'summary' | 'german' | 'parameters'>

/** A template with its own words in this language, where it brings them. */
export function inLanguage<T extends Shown>(template: T, language: Language): T {
  const { german } = template
  if (language !== 'de' || !german) return template
  const { parameters = {} } = german
  const properties = Object.entries(template.parameters.properties).map(([key, schema]) => [key, { ...schema, ...parameters[key] }] as const)
  return {
    ...template,
    name: german.name ?? template.name,
    summary: german.summary ?? template.summary,
    parameters: { ...template.parameters, properties: Object.fromEntries(properties) },
  }
}

/** What is needed, and how to get it where it is missing. */
export function needWords(
  text: TemplatesText,
  need: TemplateNeed,
  names: { connector: (id: string) => string; machine: (id: string) => string },
): [string, string] {
  const { kind, name, isThere } = need
  const words = text.need
  switch (kind) {
    case 'module':
      return [
        words.module(name, need.version ?? ''),
        [need.installed && words.moduleInstalled(need.installed), isThere !== 'yes' && words.moduleMissing].filter(Boolean).join(' '),
      ]
    case 'node-type':
      return [words.nodeType(name), isThere === 'yes' ? '' : words.nodeTypeMissing]
    case 'connector':
      return [words.connector(names.connector(name)), isThere === 'yes' ? words.connectorThere : words.connectorMissing]
    case 'machine': {
      const ability = text.abilities[name as keyof TemplatesText['abilities']] ?? name
      const hint = isThere === 'yes' ? '' : isThere === 'no' ? words.machineMissing : words.machineUnknown
      return [need.machineId === undefined ? words.machine(ability) : words.machineNamed(names.machine(need.machineId), ability), hint]
    }
    case 'capability':
      return [words.capability, isThere === 'yes' ? '' : words.capabilityMissing]
    case 'program':
      return [words.program(name), '']
    default:
      return kind satisfies never
  }
}

/** Why something was refused, whoever said so. */
export function errorWords(error: unknown, language: Language, findings: FindingText): string {
  if (!(error instanceof ApiError)) return error instanceof Error ? error.message : String(error)
  const details = (typeof error.details === 'object' && error.details !== null ? error.details : {}) as Record<string, unknown>
  const own = language === 'de' ? templateRefusals[error.code]?.(details) : undefined
  return own ?? refusalWords(findings, error)
}

/** What a deploy would say of a node. */
export const problemWords = (findings: FindingText, problem: Pick<FlowProblem, 'message' | 'code' | 'params'>): string => findingWords(findings, problem)
