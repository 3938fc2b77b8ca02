/**
 * JavaScript expressions of CNCjs and gSender macros (`G0 X[posx + 5]`, `%x = posx`) as those of RS274/NGC, which the G-code engine
 * works out before it sends anything (`nodes/motion/gcode`). Parsed, never run.
 */
import { type AnyNode, parseExpressionAt } from 'acorn'

/** There is no equal for it here; the message names it. */
export class NoEqual extends Error {}

/** Which parameter stands for a variable of the macro; undefined for one that it never set. */
export type Variables = ReadonlyMap<string, string>

const POSITIONS: Readonly<Record<string, string>> = Object.fromEntries(
  ['x', 'y', 'z', 'a', 'b', 'c'].flatMap((axis) => [
    [`pos${axis}`, `#<_${axis}>`],
    [`mpos${axis}`, `#<_abs_${axis}>`],
  ]),
)
const STATE: Readonly<Record<string, string>> = { ...POSITIONS, tool: '#<_current_tool>' }

/** RS274/NGC reckons in degrees. */
const TO_DEGREES = '57.29577951308232'
const FUNCTIONS: Readonly<Record<string, (value: string) => string>> = {
  abs: (value) => `ABS${value}`,
  sqrt: (value) => `SQRT${value}`,
  exp: (value) => `EXP${value}`,
  log: (value) => `LN${value}`,
  round: (value) => `ROUND${value}`,
  floor: (value) => `FIX${value}`,
  ceil: (value) => `FUP${value}`,
  sin: (value) => `SIN[${value} * ${TO_DEGREES}]`,
  cos: (value) => `COS[${value} * ${TO_DEGREES}]`,
  tan: (value) => `TAN[${value} * ${TO_DEGREES}]`,
}
const OPERATORS: Readonly<Record<string, string>> = { '+': '+', '-': '-', '*': '*', '/': '/', '**': '**' }

/** Does the expression ask where the machine stands? */
export const readsPosition = (text: string): boolean => /\bm?pos[xyzabc]\b/.test(text)

/** @returns the same as RS274/NGC, in brackets @throws NoEqual */
export function expressionOf(text: string, variables: Variables): string {
  return `[${written(parsed(text), variables)}]`
}

export interface Assignment {
  name: string
  value: AnyNode
}

/** `a = 1, b = posx`, as it stands behind a `%`. @throws NoEqual */
export function assignmentsOf(text: string): Assignment[] {
  const node = parsed(text)
  const all = node.type === 'SequenceExpression' ? node.expressions : [node]
  return all.map((each) => {
    if (each.type !== 'AssignmentExpression' || each.operator !== '=' || each.left.type !== 'Identifier') throw new NoEqual(`%${text}`)
    return { name: each.left.name, value: each.right }
  })
}

/** @throws NoEqual */
export const assignedValue = ({ value }: Assignment, variables: Variables): string => `[${written(value, variables)}]`

function parsed(text: string): AnyNode {
  try {
    const node = parseExpressionAt(text, 0, { ecmaVersion: 'latest' })
    if (text.slice(node.end).trim() === '') return node
  } catch {
    // told below
  }
  throw new NoEqual(text)
}

function written(node: AnyNode, variables: Variables): string {
  switch (node.type) {
    case 'Literal':
      if (typeof node.value === 'number' && Number.isFinite(node.value)) return decimal(node.value)
      break
    case 'Identifier': {
      const known = variables.get(node.name) ?? (Object.hasOwn(STATE, node.name) ? STATE[node.name] : undefined)
      if (known !== undefined) return known
      throw new NoEqual(node.name)
    }
    case 'UnaryExpression': {
      const value = written(node.argument, variables)
      if (node.operator === '-') return `[0 - ${value}]`
      if (node.operator === '+') return value
      break
    }
    case 'BinaryExpression': {
      const operator = OPERATORS[node.operator]
      if (operator !== undefined && node.left.type !== 'PrivateIdentifier')
        return `[${written(node.left, variables)} ${operator} ${written(node.right, variables)}]`
      break
    }
    case 'CallExpression': {
      const [argument, more] = node.arguments
      const name = calledName(node.callee)
      if (!argument || more || argument.type === 'SpreadElement' || name === undefined) break
      if (name === 'Number' || name === 'parseFloat') return written(argument, variables)
      const make = name.startsWith('Math.') ? FUNCTIONS[name.slice('Math.'.length)] : undefined
      if (make) return make(`[${written(argument, variables)}]`)
      break
    }
    case 'MemberExpression':
      if (calledName(node) === 'Math.PI') return decimal(Math.PI)
      break
    default:
  }
  throw new NoEqual(nameFor(node))
}

/** G-code knows no exponents. */
const decimal = (value: number) => (/e/i.test(String(value)) ? value.toFixed(9) : String(value))

const calledName = (node: AnyNode): string | undefined => {
  if (node.type === 'Identifier') return node.name
  return node.type === 'MemberExpression' && !node.computed && node.object.type === 'Identifier' && node.property.type === 'Identifier'
    ? `${node.object.name}.${node.property.name}`
    : undefined
}
/** What to call it when there is no equal. */
const nameFor = (node: AnyNode): string => {
  if (node.type === 'CallExpression') return `${calledName(node.callee) ?? 'a call'}()`
  if (node.type === 'BinaryExpression' || node.type === 'LogicalExpression') return node.operator
  if (node.type === 'ConditionalExpression') return '? :'
  if (node.type === 'Literal') return String(node.raw ?? node.value)
  return calledName(node) ?? (node.type === 'MemberExpression' ? 'a property' : node.type)
}
