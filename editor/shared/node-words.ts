/** Node types in the reader's language: what the server tells is English, the words of other languages come from here and with the type. */
import type { NodeType } from '../../server/api/flows.ts'
import { germanOf } from './text/de/nodes/index.ts'
import type { Language } from './text/index.ts'

/** A node type as it is shown. Where it is not English, the English words are kept: people search by those too. */
export interface ShownType extends NodeType {
  english?: { label: string; summary: string }
  /** Its help page is in English, though the page is not. */
  hasEnglishHelp?: boolean
}

/** The same object in English. */
export function shownType(type: NodeType, language: Language): ShownType {
  if (language === 'en') return type
  const say = (english: string) => germanOf(type.type, english) ?? english
  const summary = type.german?.summary ?? (type.summary === undefined ? undefined : say(type.summary))
  const helpHtml = type.german?.helpHtml ?? type.helpHtml
  return {
    ...type,
    label: type.german?.label ?? say(type.label),
    ...(summary === undefined ? {} : { summary }),
    outputLabels: type.german?.outputLabels ?? type.outputLabels.map(say),
    ...(type.configSchema === undefined ? {} : { configSchema: schemaIn(type.configSchema, say) }),
    ...(helpHtml === undefined ? {} : { helpHtml, hasEnglishHelp: type.german?.helpHtml === undefined }),
    english: { label: type.label, summary: type.summary ?? '' },
  }
}

/** What people may type to find it, beside what is shown. */
export const otherWordsOf = ({ english }: ShownType): string => (english ? `${english.label} ${english.summary}` : '')

/** The words of a field (nodes/define-node/stored-schema.ts) that people read. */
const READ = new Set(['title', 'help', 'unit', 'placeholder'])

/** A form's JSON schema with its words said otherwise; names of properties and values stay as they are. */
function schemaIn(schema: unknown, say: (english: string) => string): unknown {
  if (!isObject(schema) || !isObject(schema.properties)) return schema
  return { ...schema, properties: Object.fromEntries(Object.entries(schema.properties).map(([key, field]) => [key, fieldIn(field, say)])) }
}

function fieldIn(field: unknown, say: (english: string) => string): unknown {
  if (!isObject(field)) return field
  const said = Object.fromEntries(
    Object.entries(field).map(([key, value]) => {
      if (typeof value === 'string' && READ.has(key)) return [key, say(value)]
      return [key, key === 'items' ? schemaIn(value, say) : value]
    }),
  )
  const labels = labelsOf(field)
  return labels ? { ...said, labels: Object.fromEntries(Object.entries(labels).map(([choice, label]) => [choice, say(label)])) } : said
}

/** What the choices of a field are called; those without a label are shown as they are stored. */
function labelsOf({ widget, enum: choices, labels }: Record<string, unknown>): Record<string, string> | undefined {
  const given = isObject(labels) ? Object.entries(labels).filter((entry): entry is [string, string] => typeof entry[1] === 'string') : []
  const bare = Array.isArray(choices) && widget !== 'hidden' ? choices.map((choice) => [String(choice), String(choice)] as const) : []
  return given.length + bare.length > 0 ? Object.fromEntries([...bare, ...given]) : undefined
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
