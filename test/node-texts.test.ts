/** Every word a node type is declared with has its German, and the German catalogue has no word that nothing says. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { shownType } from '../editor/shared/node-words.ts'
import { germanOf, ownTexts, sharedTexts } from '../editor/shared/text/de/nodes/index.ts'
import { describeNode } from '../nodes/define-node/describe.ts'
import { NODES } from '../nodes/index.ts'
import type { NodeType } from '../server/api/flows.ts'

const WORDS = ['title', 'help', 'unit', 'placeholder'] as const

interface Described {
  label: string
  summary: string
  outputLabels: string[]
  configSchema?: unknown
}

/** Everything a person reads of a type: form, palette, ports. */
function textsOf({ label, summary, outputLabels, configSchema }: Described): string[] {
  return [label, summary, ...outputLabels, ...schemaTexts(configSchema)].filter(isLanguage)
}

function schemaTexts(schema: unknown): string[] {
  const { properties = {} } = schema as { properties?: Record<string, Record<string, unknown>> }
  return Object.values(properties).flatMap((field) => [
    ...WORDS.flatMap((word) => (typeof field[word] === 'string' ? [field[word]] : [])),
    ...choicesOf(field),
    ...(field.items ? schemaTexts(field.items) : []),
  ])
}

/** A choice without a label is shown as it is stored. */
function choicesOf({ widget, enum: values, labels = {} }: Record<string, unknown>): string[] {
  const named = labels as Record<string, string>
  const bare = Array.isArray(values) && widget !== 'hidden' ? values.map(String).filter((value) => named[value] === undefined) : []
  return [...bare, ...Object.values(named)]
}

/** G54, X, 0.02 and the like are the same in every language. */
const isLanguage = (text: string) => /\p{L}{2}/u.test(text)

const described = NODES.map((declaration) => ({ ...describeNode(declaration, { iconSvg: '', helpHtml: '' }), module: '', needs: 'flows.deploy' }) as NodeType)

it.each(described)('says everything of $type in German', (type) => {
  const missing = textsOf(type as Described).filter((text) => germanOf(type.type, text) === undefined)
  expect(missing, 'add them to editor/shared/text/de/nodes').toEqual([])
})

it('has no German for what nothing says', () => {
  const said = new Map(described.map((type) => [type.type, new Set(textsOf(type as Described))]))
  const ownUnused = Object.entries(ownTexts).flatMap(([type, texts]) => Object.keys(texts).filter((text) => !said.get(type)?.has(text)))
  const sharedUsed = (text: string) => [...said].some(([type, texts]) => texts.has(text) && !Object.hasOwn(ownTexts[type] ?? {}, text))
  expect([...ownUnused, ...Object.keys(sharedTexts).filter((text) => !sharedUsed(text))]).toEqual([])
})

it('says all of a type in the language that is asked for, and stores what it stored', () => {
  const button = described.find(({ type }) => type === 'cw-button') as NodeType
  const german = shownType(button, 'de')
  expect(textsOf(german as Described).sort()).toEqual(
    textsOf(button as Described)
      .map((text) => germanOf('cw-button', text))
      .sort(),
  )
  expect(german.label).toBe('Bedientaste')
  expect(german.defaults).toEqual(button.defaults)
  expect(shape(german.configSchema)).toEqual(shape(button.configSchema))
  expect(shownType(button, 'en')).toBe(button)
})

/** Names, values and order of the fields, without the words. */
function shape(schema: unknown): unknown {
  const { properties = {} } = schema as { properties?: Record<string, Record<string, unknown>> }
  return Object.entries(properties).map(([key, { enum: values, order, default: initial, labels, items }]) => [
    key,
    values,
    order,
    initial,
    Object.keys((labels ?? {}) as object).filter((choice) => !(values as string[] | undefined)?.includes(choice)),
    items && shape(items),
  ])
}

const root = join(import.meta.dirname, '..')
/** What a translation keeps: headings, rows of tables, and the names of properties in them. */
const bonesOf = (file: string) =>
  readFileSync(join(root, file), 'utf8')
    .split('\n')
    .filter((line) => /^(#|\|)/.test(line))
    .map((line) => (line.startsWith('#') ? '#' : (line.split('|')[1] ?? '').replace('Eigenschaft', 'property')))

it.each(globSync('nodes/*/*.de.md', { cwd: root }))('%s has the parts of the English help page', (german) => {
  const english = german.replace(/\.de\.md$/, '.md')
  expect(existsSync(join(root, english))).toBe(true)
  expect(bonesOf(german)).toEqual(bonesOf(english))
})
