/** A template while it is being made: what was entered, and what is asked of the server with it. No view. */
import type { BodyOf } from '../../../server/api/index.ts'
import type { EarlierExport, ExportParameter, exportTemplate, TemplateParameter } from '../../../server/api/templates/index.ts'
import type { FlowNode } from '../model/raw.ts'
import { alike, type Candidate, isOfShop, type ParameterKind, type Place, samePlace, type Value } from './places.ts'

/** A parameter as the form has it. */
export interface Asked {
  key: string
  title: string
  help: string
  kind: ParameterKind
  unit: string
  /** `steel, brass`. */
  choices: string
  /** What it is until somebody says otherwise; undefined: nothing. */
  preset: Value | undefined
  isRequired: boolean
  places: readonly Place[]
  /** Of a schema that the form does not show: which connectors suit, what is suggested, limits. */
  more: Partial<TemplateParameter>
}

export interface Picture {
  name: string
  base64: string
}

export interface TemplateDraft {
  id: string
  version: string
  name: string
  summary: string
  licence: string
  categories: readonly string[]
  readme: string
  nameGerman: string
  summaryGerman: string
  readmeGerman: string
  asked: readonly Asked[]
  /** Ids of flow tests that stay behind. */
  testsLeft: readonly string[]
  programsLeft: readonly string[]
  /** Keys of panels that stay behind. */
  panelsLeft: readonly string[]
  pictures: readonly Picture[]
  machine: readonly string[]
}

type Request = BodyOf<typeof exportTemplate>

export const emptyDraft = (name: string): TemplateDraft => ({
  id: idFor(name),
  version: '1.0.0',
  name,
  summary: '',
  licence: 'Apache-2.0',
  categories: [],
  readme: '',
  nameGerman: '',
  summaryGerman: '',
  readmeGerman: '',
  asked: [],
  testsLeft: [],
  programsLeft: [],
  panelsLeft: [],
  pictures: [],
  machine: [],
})

/** The next version of what was made of these nodes before. */
export const draftFrom = (earlier: EarlierExport): TemplateDraft => ({
  ...emptyDraft(earlier.name),
  id: earlier.id,
  version: earlier.nextVersion,
  summary: earlier.summary,
  licence: earlier.licence ?? 'Apache-2.0',
  categories: earlier.categories,
  readme: earlier.readme,
  nameGerman: earlier.german?.name ?? '',
  summaryGerman: earlier.german?.summary ?? '',
  readmeGerman: earlier.readmeGerman ?? '',
  asked: earlier.parameters.map(askedOf),
  machine: earlier.machine ?? [],
})

/** `Cut a part` as `cut-a-part`. */
export function idFor(name: string): string {
  const plain = name
    .replaceAll('ß', 'ss')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60)
  return plain.length < 2 ? `template${plain ? `-${plain}` : ''}` : plain
}

/** `Machine name` as `machineName`. */
export function keyFor(title: string, taken: readonly string[]): string {
  const words = title
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .split(/[^A-Za-z0-9]+/)
    .filter(Boolean)
  const joined = words.map((word, index) => (index ? word.charAt(0).toUpperCase() + word.slice(1) : word.charAt(0).toLowerCase() + word.slice(1))).join('')
  const key = (/^[a-zA-Z]/.test(joined) ? joined : `value${joined}`).slice(0, 36)
  if (!taken.includes(key)) return key
  for (let n = 2; ; n += 1) if (!taken.includes(`${key}${n}`)) return `${key}${n}`
}

export function askedOf({ key, schema, places, isRequired }: ExportParameter): Asked {
  const { title, help = '', widget, unit = '', enum: choices = [], labels, default: preset, type: _, ...more } = schema
  return {
    key,
    title,
    help,
    kind: widget,
    unit,
    choices: choices.map((value) => (labels?.[value] && labels[value] !== value ? `${value}=${labels[value]}` : value)).join(', '),
    preset,
    isRequired: isRequired ?? preset === undefined,
    places,
    more,
  }
}

/** What a person marks. What is of this shop alone (a machine, a sampling plan) is no preset for another. */
export function askedFor(candidate: Candidate, all: readonly Candidate[], taken: readonly string[]): Asked {
  const { title, kind, unit = '', value, choices = [] } = candidate
  const isOwn = isOfShop(kind)
  return {
    key: keyFor(title, taken),
    title: title.slice(0, 80),
    help: '',
    kind,
    unit,
    choices: choices.map(({ value: each, label }) => (label === each ? each : `${each}=${label}`)).join(', '),
    preset: isOwn ? undefined : value,
    isRequired: isOwn,
    places: [candidate, ...alike(candidate, all)].map(({ nodeId, path }) => ({ nodeId, path })),
    more: {},
  }
}

/** `steel=Steel, brass` as two, with what they are called. */
export function choicesOf(text: string): { value: string; label: string }[] {
  return text
    .split(',')
    .map((each) => each.trim())
    .filter(Boolean)
    .map((each) => {
      const [value = '', ...label] = each.split('=')
      return { value: value.trim(), label: label.join('=').trim() || value.trim() }
    })
}

function schemaOf({ title, help, kind, unit, choices, preset, more }: Asked): TemplateParameter {
  const options = choicesOf(choices)
  const labels = Object.fromEntries(options.filter(({ value, label }) => value !== label).map(({ value, label }) => [value, label]))
  return {
    ...more,
    title: title.trim(),
    ...(help.trim() ? { help: help.trim() } : {}),
    type: kind === 'number' ? 'number' : kind === 'checkbox' ? 'boolean' : 'string',
    widget: kind,
    ...(kind === 'number' && unit.trim() ? { unit: unit.trim() } : {}),
    ...(kind === 'select' ? { enum: options.map(({ value }) => value) } : {}),
    ...(kind === 'select' && Object.keys(labels).length ? { labels } : {}),
    ...(preset === undefined ? {} : { default: presetFor(kind, preset) }),
  }
}

/** `"12"` of a number's field is 12. */
function presetFor(kind: ParameterKind, preset: Value): Value {
  if (kind === 'number') return typeof preset === 'number' ? preset : Number(preset)
  if (kind === 'checkbox') return preset === true || preset === 'true'
  return String(preset)
}

export const parameterOf = (asked: Asked): ExportParameter => ({
  key: asked.key,
  schema: schemaOf(asked),
  isRequired: asked.isRequired,
  places: asked.places.map(({ nodeId, path }) => ({ nodeId, path })),
})

export type DraftFault = 'name' | 'summary' | 'categories' | 'id' | 'version' | 'licence' | `title ${string}` | `choices ${string}` | `preset ${string}`

/** What is missing before it can be saved, in the order of the form. */
export function faultsOf(draft: TemplateDraft): DraftFault[] {
  return [
    ...draft.asked.flatMap((each): DraftFault[] => {
      const options = choicesOf(each.choices)
      return [
        ...(each.title.trim() === '' ? [`title ${each.key}` as const] : []),
        ...(each.kind === 'select' && options.length === 0 ? [`choices ${each.key}` as const] : []),
        ...(each.preset !== undefined &&
        ((each.kind === 'number' && !Number.isFinite(presetFor('number', each.preset))) ||
          (each.kind === 'select' && !options.some(({ value }) => value === each.preset)))
          ? [`preset ${each.key}` as const]
          : []),
      ]
    }),
    ...(draft.name.trim() === '' ? ['name' as const] : []),
    ...(draft.summary.trim() === '' ? ['summary' as const] : []),
    ...(draft.categories.length === 0 ? ['categories' as const] : []),
    ...(/^[a-z0-9][a-z0-9-]{1,63}$/.test(draft.id) ? [] : ['id' as const]),
    ...(/^(0|[1-9][0-9]{0,5})(\.(0|[1-9][0-9]{0,5})){2}$/.test(draft.version) ? [] : ['version' as const]),
    ...(draft.licence.trim() === '' ? ['licence' as const] : []),
  ]
}

/** The manual, where nobody wrote one: what is known. */
function readmeOf({ name, summary, readme, asked }: TemplateDraft): string {
  if (readme.trim()) return `${readme.trim()}\n`
  const list = asked.map(({ title, help, unit }) => `- **${title}**${unit ? ` (${unit})` : ''}${help ? `: ${help}` : ''}`)
  return [`# ${name.trim()}`, '', summary.trim(), ...(list.length ? ['', ...list] : []), ''].join('\n')
}

export function requestOf(
  draft: TemplateDraft,
  chosen: { nodeIds: readonly string[]; flows: readonly FlowNode[]; tests: readonly string[]; programs: readonly string[]; panels: readonly string[] },
): Request {
  const german = {
    ...(draft.nameGerman.trim() ? { name: draft.nameGerman.trim() } : {}),
    ...(draft.summaryGerman.trim() ? { summary: draft.summaryGerman.trim() } : {}),
  }
  return {
    nodeIds: [...chosen.nodeIds],
    flows: [...chosen.flows],
    parameters: draft.asked.map(parameterOf),
    id: draft.id,
    version: draft.version,
    name: draft.name.trim(),
    summary: draft.summary.trim(),
    licence: draft.licence.trim(),
    categories: [...draft.categories] as Request['categories'],
    readme: readmeOf(draft),
    ...(draft.readmeGerman.trim() ? { readmeGerman: `${draft.readmeGerman.trim()}\n` } : {}),
    ...(Object.keys(german).length ? { german } : {}),
    ...(draft.machine.length ? { machine: [...draft.machine] as NonNullable<Request['machine']> } : {}),
    ...(draft.pictures.length ? { pictures: draft.pictures.map(({ name, base64 }) => ({ name, base64 })) } : {}),
    tests: chosen.tests.filter((id) => !draft.testsLeft.includes(id)),
    programs: chosen.programs.filter((name) => !draft.programsLeft.includes(name)),
    panels: chosen.panels.filter((key) => !draft.panelsLeft.includes(key)),
  }
}

/** Whether a place is asked for already. */
export const isAsked = (asked: readonly Asked[], place: Place): boolean => asked.some(({ places }) => places.some((each) => samePlace(each, place)))
