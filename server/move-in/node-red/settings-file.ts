/**
 * Node-RED's settings.js, which is a program: it is read and never run. Only what stands there as a plain value is taken; what is
 * worked out is named, so that a person is asked. Keys as in the settings.js that Node-RED 5.0 makes (@node-red/node-red/settings.js).
 */
import { type AnyNode, type Expression, type ObjectExpression, type Program, parse } from 'acorn'

export type Setting = { value: unknown } | { fromEnvironment: string } | { isComputed: true }

export interface SettingsFile {
  /** Everything that `module.exports` names, by its key. */
  settings: ReadonlyMap<string, Setting>
  /** Keys that are worked out. */
  computed: string[]
}

const MOST_DEPTH = 12
/** Values that are read: constants that name each other ten times over would become more than any memory holds. A long settings.js has some hundred. */
const MOST_VALUES = 20_000

/** Of one file. */
interface Reading {
  constants: ReadonlyMap<string, Expression>
  left: number
}

/** Undefined where it is not JavaScript, or exports no object that can be read. */
export function readSettingsFile(text: string): SettingsFile | undefined {
  const program = parsed(text)
  if (!program) return undefined
  const constants = new Map<string, Expression>()
  let exported: AnyNode | undefined
  for (const statement of program.body) {
    if (statement.type === 'VariableDeclaration' && statement.kind === 'const')
      for (const { id, init } of statement.declarations) if (id.type === 'Identifier' && init) constants.set(id.name, init)
    if (statement.type === 'ExportDefaultDeclaration') exported = statement.declaration
    if (statement.type === 'ExpressionStatement' && statement.expression.type === 'AssignmentExpression') {
      const { left, right } = statement.expression
      if (left.type === 'MemberExpression' && nameOf(left) === 'module.exports') exported = right
    }
  }
  if (exported?.type === 'Identifier') exported = constants.get(exported.name)
  if (exported?.type !== 'ObjectExpression') return undefined
  const reading: Reading = { constants, left: MOST_VALUES }
  const settings = new Map<string, Setting>()
  const computed: string[] = []
  for (const property of exported.properties) {
    if (property.type !== 'Property' || property.computed) continue
    const key = keyOf(property.key)
    if (key === undefined) continue
    const setting = settingOf(property.value, reading, 0)
    settings.set(key, setting)
    if ('isComputed' in setting) computed.push(key)
  }
  return { settings, computed }
}

function parsed(text: string): Program | undefined {
  for (const sourceType of ['script', 'module'] as const) {
    try {
      return parse(text, { ecmaVersion: 'latest', sourceType, allowHashBang: true, allowReturnOutsideFunction: true })
    } catch {
      // the other kind, or no JavaScript at all
    }
  }
  return undefined
}

const keyOf = (key: AnyNode): string | undefined =>
  key.type === 'Identifier' ? key.name : key.type === 'Literal' && typeof key.value === 'string' ? key.value : undefined

/** `a.b.c`, or undefined for what is no such path. */
function nameOf(node: AnyNode): string | undefined {
  if (node.type === 'Identifier') return node.name
  if (node.type !== 'MemberExpression') return undefined
  const object = nameOf(node.object)
  const { property } = node
  const key = node.computed ? (property.type === 'Literal' && typeof property.value === 'string' ? property.value : undefined) : keyOf(property)
  return object === undefined || key === undefined ? undefined : `${object}.${key}`
}

const COMPUTED: Setting = { isComputed: true }

function settingOf(node: AnyNode, reading: Reading, depth: number): Setting {
  if (depth > MOST_DEPTH || reading.left <= 0) return COMPUTED
  reading.left -= 1
  switch (node.type) {
    case 'Literal':
      return node.regex ? COMPUTED : { value: node.value }
    case 'TemplateLiteral':
      return node.expressions.length === 0 ? { value: node.quasis[0]?.value.cooked ?? '' } : COMPUTED
    case 'UnaryExpression': {
      const inner = settingOf(node.argument, reading, depth + 1)
      if (!('value' in inner)) return COMPUTED
      if (node.operator === '-' && typeof inner.value === 'number') return { value: -inner.value }
      return node.operator === '!' ? { value: !inner.value } : COMPUTED
    }
    case 'MemberExpression': {
      const name = /^process\.env\.(.+)$/.exec(nameOf(node) ?? '')?.[1]
      return name === undefined ? COMPUTED : { fromEnvironment: name }
    }
    case 'LogicalExpression': {
      // `process.env.NAME || "default"`: which of the two it was is not known
      const left = settingOf(node.left, reading, depth + 1)
      return 'fromEnvironment' in left ? left : COMPUTED
    }
    case 'Identifier': {
      const known = reading.constants.get(node.name)
      return known ? settingOf(known, reading, depth + 1) : node.name === 'undefined' ? { value: undefined } : COMPUTED
    }
    case 'ObjectExpression':
      return { value: objectOf(node, reading, depth) }
    case 'ArrayExpression': {
      const values = node.elements.map((element) => (element ? settingOf(element, reading, depth + 1) : COMPUTED))
      return values.every((value) => 'value' in value) ? { value: values.map((value) => ('value' in value ? value.value : undefined)) } : COMPUTED
    }
    default:
      return COMPUTED
  }
}

/** What is worked out stands in it as undefined: that a key is there counts as well. */
function objectOf(node: ObjectExpression, reading: Reading, depth: number): Record<string, unknown> {
  const entries = node.properties.flatMap((property): [string, unknown][] => {
    if (property.type !== 'Property' || property.computed) return []
    const key = keyOf(property.key)
    if (key === undefined || key === '__proto__') return []
    const setting = settingOf(property.value, reading, depth + 1)
    return [[key, 'value' in setting ? setting.value : undefined]]
  })
  return Object.fromEntries(entries)
}
