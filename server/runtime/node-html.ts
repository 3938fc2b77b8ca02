/**
 * What a node's editor HTML registers: its scripts run once in an empty vm context with a tiny `RED` that only
 * keeps the definitions. Scripts that need a real browser fail here; what they registered before that counts.
 */
import { createContext, Script } from 'node:vm'

/** The part of a definition that a palette needs. */
export interface EditorDefinition {
  category: string
  label: string
  color?: string
  icon?: string
  inputs: number
  outputs: number
  outputLabels: string[]
  defaults: Record<string, unknown>
  /** Properties whose value is the id of a config node, with that node's type. */
  references: Record<string, string>
  summary?: string
}

const RUN_LIMIT_MS = 500

/**
 * @param html everything a set of nodes registers in the editor, help included
 * @param translate the text of a key such as `node-red:common.label.name`
 */
export function readEditorHtml(html: string, translate: (key: string) => string): Map<string, EditorDefinition> {
  const found = new Map<string, EditorDefinition>()
  const register = (type: unknown, definition: unknown) => {
    if (typeof type === 'string' && typeof definition === 'object' && definition !== null) found.set(type, toDefinition(type, definition as RawDefinition))
  }
  const context = createContext(browserStub(register, translate), { codeGeneration: { strings: false, wasm: false } })
  for (const [, attributes = '', body = ''] of html.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script>/gi)) {
    const type = /\btype\s*=\s*["']?([^"'\s>]+)/i.exec(attributes)?.[1]
    if ((type && !/javascript|module/i.test(type)) || /\bsrc\s*=/.test(attributes)) continue
    try {
      new Script(body).runInContext(context, { timeout: RUN_LIMIT_MS })
    } catch {
      // it needed more of a browser than there is: the types it registered so far are known all the same
    }
  }
  for (const [, attributes = '', body = ''] of html.matchAll(/<script\b([^>]*data-help-name[^>]*)>([\s\S]*?)<\/script>/gi)) {
    const definition = found.get(/data-help-name\s*=\s*["']([^"']+)["']/.exec(attributes)?.[1] ?? '')
    const summary = definition && firstParagraph(body)
    if (definition && summary) definition.summary = summary
  }
  return found
}

interface RawDefinition {
  category?: unknown
  paletteLabel?: unknown
  color?: unknown
  icon?: unknown
  inputs?: unknown
  outputs?: unknown
  outputLabels?: unknown
  defaults?: unknown
}

function toDefinition(type: string, raw: RawDefinition): EditorDefinition {
  const properties = Object.entries((raw.defaults ?? {}) as Record<string, { value?: unknown; type?: unknown } | undefined>)
  const references = properties.flatMap(([name, each]): [string, string][] =>
    typeof each?.type === 'string' && !each.type.endsWith('[]') ? [[name, each.type]] : [],
  )
  const labels = Array.isArray(raw.outputLabels) ? raw.outputLabels : typeof raw.outputLabels === 'string' ? [raw.outputLabels] : []
  return {
    category: typeof raw.category === 'string' ? raw.category : 'function',
    label: typeof raw.paletteLabel === 'string' && raw.paletteLabel ? raw.paletteLabel : type,
    ...(typeof raw.color === 'string' ? { color: raw.color } : {}),
    ...(typeof raw.icon === 'string' ? { icon: raw.icon } : {}),
    inputs: count(raw.inputs),
    outputs: count(raw.outputs),
    outputLabels: labels.map(String),
    defaults: Object.fromEntries(properties.flatMap(([name, each]) => (each?.value === undefined ? [] : [[name, plain(each.value)]]))),
    references: Object.fromEntries(references),
  }
}

const count = (value: unknown) => (typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : 0)

/** Values come from another realm and may be anything: only what JSON says of them is kept. */
function plain(value: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(value) ?? 'null')
  } catch {
    return null
  }
}

function firstParagraph(html: string): string | undefined {
  const text = /<p>([\s\S]*?)<\/p>/i.exec(html)?.[1]?.replace(/<[^>]+>/g, '')
  return text?.replaceAll('&nbsp;', ' ').replaceAll('&amp;', '&').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replace(/\s+/g, ' ').trim() || undefined
}

/** Answers every property and every call with itself, so that scripts can chain what they like. */
function anything(): unknown {
  const self: unknown = new Proxy(() => {}, {
    get: (_target, key) => (key === Symbol.toPrimitive ? () => '' : key === 'length' ? 0 : key === 'then' || key === Symbol.iterator ? undefined : self),
    set: () => true,
    apply: () => self,
    construct: () => self as object,
    has: () => true,
  })
  return self
}

function browserStub(register: (type: unknown, definition: unknown) => void, translate: (key: string) => string): object {
  const stub = anything()
  const red = new Proxy(
    {
      nodes: new Proxy({ registerType: register }, { get: (target, key) => (key === 'registerType' ? target.registerType : stub) }),
      _: (key: unknown) => translate(String(key)),
    },
    { get: (target, key) => (key in target ? target[key as keyof typeof target] : stub) },
  )
  const names = [
    '$',
    'jQuery',
    'window',
    'document',
    'monaco',
    'navigator',
    'localStorage',
    'setTimeout',
    'setInterval',
    'fetch',
    'location',
    'moment',
    'jsonata',
    'ace',
  ]
  return { RED: red, console: stub, ...Object.fromEntries(names.map((name) => [name, stub])) }
}
