/** Numbers, parameters and expressions of RS274/NGC, evaluated as they are read (LinuxCNC "G-code overview", Expressions). */
import { Refusal } from './findings.ts'
import { ParameterProblem, type Parameters } from './parameters.ts'
import type { SlowText } from './slow-text.ts'

/** Values closer than this are equal (LinuxCNC interp_internal.hh TOLERANCE_EQUAL). */
const EQUAL = 1e-6
const DEGREES = 180 / Math.PI
const MOST_NESTING = 50

const PRECEDENCE: Record<string, number> = {
  '**': 5,
  '*': 4,
  '/': 4,
  mod: 4,
  '+': 3,
  '-': 3,
  eq: 2,
  ne: 2,
  gt: 2,
  ge: 2,
  lt: 2,
  le: 2,
  and: 1,
  or: 1,
  xor: 1,
}

/** What a read value was made of. */
export interface ReadValue {
  value: number
  /** As it stands in the line, for a plain number; undefined for what had to be worked out. */
  literal: string | undefined
}

export class ExpressionReader {
  at = 0
  /** Told of a parameter that is read before the program sets it. */
  readonly #onUnset: (name: string, column: number) => void
  readonly #source: SlowText
  readonly #parameters: Parameters
  #nesting = 0

  constructor(source: SlowText, parameters: Parameters, onUnset: (name: string, column: number) => void) {
    this.#source = source
    this.#parameters = parameters
    this.#onUnset = onUnset
  }

  get text(): string {
    return this.#source.text
  }

  get column(): number {
    return this.columnOf(this.at)
  }

  columnOf(at: number): number {
    return this.#source.columns[Math.min(at, this.#source.columns.length - 1)] ?? 1
  }

  refuse(code: string, text: string, at = this.at): never {
    throw new Refusal(this.columnOf(at), code, text)
  }

  peek(): string {
    return this.text.charAt(this.at)
  }

  /** A number, a parameter, a function or an expression in brackets. */
  value(after: string): ReadValue {
    const found = /[+-]?(?:\d+\.?\d*|\.\d+)/y
    found.lastIndex = this.at
    const literal = found.exec(this.text)
    if (literal) {
      this.at = found.lastIndex
      return { value: Number(literal[0]), literal: literal[0] }
    }
    const char = this.peek()
    if (char === '-' || char === '+') {
      this.at += 1
      const { value } = this.value(after)
      return { value: char === '-' ? -value : value, literal: undefined }
    }
    if (char === '[') return { value: this.bracket(), literal: undefined }
    if (char === '#') return { value: this.#read(this.parameter()), literal: undefined }
    if (/[a-z]/.test(char)) return { value: this.#unary(), literal: undefined }
    return this.refuse('number-missing', `${after} has no number.`)
  }

  /** From `[` to its `]`. */
  bracket(): number {
    if (this.peek() !== '[') this.refuse('expression-invalid', 'An expression must begin with "[" here.')
    const opened = this.at
    this.at += 1
    this.#nesting += 1
    if (this.#nesting > MOST_NESTING) this.refuse('expression-invalid', `Brackets are nested more than ${MOST_NESTING} deep.`)
    const value = this.#binary(this.value('The expression').value, 1)
    if (this.peek() !== ']') {
      if (this.at >= this.text.length) this.refuse('expression-invalid', '"[" is never closed.', opened)
      this.refuse('expression-invalid', `"${this.peek()}" is no operator of an expression.`)
    }
    this.at += 1
    this.#nesting -= 1
    return value
  }

  /** `#5`, `#[…]`, `##2`, `#<name>`: which parameter, not its value. */
  parameter(): number | string {
    this.at += 1
    if (this.peek() === '<') return this.name()
    const from = this.at
    const { value } = this.value('#')
    const index = Math.round(value)
    if (Math.abs(index - value) > 1e-4) this.refuse('parameter-invalid', `#${value} is no parameter: their numbers are whole.`, from)
    return index
  }

  /** `<name>`: lower case, without spaces. */
  name(): string {
    const end = this.text.indexOf('>', this.at)
    if (end < 0) this.refuse('expression-invalid', '"<" is never closed by ">".')
    const name = this.text.slice(this.at + 1, end)
    if (name === '') this.refuse('expression-invalid', 'There is no name between "<" and ">".')
    this.at = end + 1
    return name
  }

  #read(parameter: number | string): number {
    try {
      if (typeof parameter === 'number') {
        const { value, isSet } = this.#parameters.numbered(parameter)
        if (!isSet) this.#onUnset(`#${parameter}`, this.columnOf(this.at - 1))
        return value
      }
      const value = this.#parameters.named(parameter)
      if (value === undefined) return this.refuse('parameter-unknown', `#<${parameter}> has not been set.`, this.at - 1)
      return value
    } catch (error) {
      if (error instanceof ParameterProblem) return this.refuse(error.code, error.message, this.at - 1)
      throw error
    }
  }

  #operator(): string {
    const found = /\*\*|[*/+-]|mod|and|xor|or|eq|ne|gt|ge|lt|le/y
    found.lastIndex = this.at
    return found.exec(this.text)?.[0] ?? ''
  }

  #binary(first: number, least: number): number {
    let left = first
    for (;;) {
      const operator = this.#operator()
      const precedence = PRECEDENCE[operator]
      if (precedence === undefined || precedence < least) return left
      const at = this.at
      this.at += operator.length
      let right = this.value(`"${operator}"`).value
      for (;;) {
        const next = PRECEDENCE[this.#operator()]
        if (next === undefined || next <= precedence) break
        right = this.#binary(right, next)
      }
      left = this.#apply(operator, { left, right, at })
    }
  }

  #apply(operator: string, { left, right, at }: { left: number; right: number; at: number }): number {
    const flag = (isTrue: boolean) => (isTrue ? 1 : 0)
    switch (operator) {
      case '**':
        if (left < 0 && !Number.isInteger(right)) this.refuse('expression-invalid', `A negative number (${left}) cannot be raised to ${right}.`, at)
        return this.#finite(left ** right, at)
      case '*':
        return this.#finite(left * right, at)
      case '/':
        if (right === 0) this.refuse('expression-invalid', 'This divides by zero.', at)
        return this.#finite(left / right, at)
      case 'mod': {
        if (right === 0) this.refuse('expression-invalid', 'This divides by zero (MOD).', at)
        const rest = left % right
        return rest < 0 ? rest + Math.abs(right) : rest
      }
      case '+':
        return this.#finite(left + right, at)
      case '-':
        return this.#finite(left - right, at)
      case 'eq':
        return flag(Math.abs(left - right) < EQUAL)
      case 'ne':
        return flag(Math.abs(left - right) >= EQUAL)
      case 'gt':
        return flag(left > right)
      case 'ge':
        return flag(left >= right)
      case 'lt':
        return flag(left < right)
      case 'le':
        return flag(left <= right)
      case 'and':
        return flag(left !== 0 && right !== 0)
      case 'or':
        return flag(left !== 0 || right !== 0)
      default:
        return flag((left !== 0) !== (right !== 0))
    }
  }

  #finite(value: number, at: number): number {
    if (!Number.isFinite(value)) this.refuse('expression-invalid', 'The result is too large to be a number.', at)
    return value
  }

  #unary(): number {
    const from = this.at
    const name = /[a-z]+/y
    name.lastIndex = this.at
    const word = name.exec(this.text)?.[0] ?? ''
    this.at += word.length
    if (this.peek() !== '[') this.refuse('expression-invalid', `"${word.toUpperCase()}" is neither a number nor a function with "[".`, from)
    if (word === 'exists') return this.#exists()
    const argument = this.bracket()
    const wrong = (why: string): never => this.refuse('expression-invalid', `${word.toUpperCase()}[${argument}] ${why}.`, from)
    switch (word) {
      case 'abs':
        return Math.abs(argument)
      case 'acos':
        return Math.abs(argument) > 1 ? wrong('has no result: the argument must be from -1 to 1') : Math.acos(argument) * DEGREES
      case 'asin':
        return Math.abs(argument) > 1 ? wrong('has no result: the argument must be from -1 to 1') : Math.asin(argument) * DEGREES
      case 'atan': {
        if (this.peek() !== '/') this.refuse('expression-invalid', 'ATAN needs two arguments: ATAN[y]/[x].')
        this.at += 1
        return Math.atan2(argument, this.bracket()) * DEGREES
      }
      case 'cos':
        return Math.cos(argument / DEGREES)
      case 'exp':
        return this.#finite(Math.exp(argument), from)
      case 'fix':
        return Math.floor(argument)
      case 'fup':
        return Math.ceil(argument)
      case 'round':
        return argument < 0 ? -Math.round(-argument) : Math.round(argument)
      case 'ln':
        return argument <= 0 ? wrong('has no result: the argument must be above zero') : Math.log(argument)
      case 'sin':
        return Math.sin(argument / DEGREES)
      case 'sqrt':
        return argument < 0 ? wrong('has no result: the argument must not be negative') : Math.sqrt(argument)
      case 'tan':
        return this.#finite(Math.tan(argument / DEGREES), from)
      default:
        return this.refuse('expression-invalid', `There is no function ${word.toUpperCase()}.`, from)
    }
  }

  #exists(): number {
    this.at += 1
    if (!this.text.startsWith('#<', this.at)) this.refuse('expression-invalid', 'EXISTS takes one named parameter: EXISTS[#<name>].')
    this.at += 1
    const name = this.name()
    if (this.peek() !== ']') this.refuse('expression-invalid', 'EXISTS takes one named parameter: EXISTS[#<name>].')
    this.at += 1
    try {
      return this.#parameters.named(name) === undefined ? 0 : 1
    } catch (error) {
      if (error instanceof ParameterProblem && /^_(hal|ini)\[/.test(name)) return this.refuse(error.code, error.message)
      if (error instanceof ParameterProblem) return 1
      throw error
    }
  }
}
