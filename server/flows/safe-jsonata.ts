/**
 * Which JSONata expressions are only arithmetic. An expression of the runtime can reach code: it calls whatever value is a function
 * (`$globalContext("constr" & "uctor…")(…)`), evaluates texts (`$eval`) and reads the environment (`$env`). What is written down so
 * that it cannot, is told here by its syntax tree; everything that is not known to be harmless is not.
 *
 * An expression is safe when
 * - it calls only functions of the list below, by their own names, which it gives to nothing else;
 * - a function that calls another one is given that one as a literal (`function($x){…}`, `/…/`), never as a value from somewhere;
 * - it reads contexts under names that stand there in so many words;
 * - none of its names leads into the engine (`constructor`, …).
 * Then no value of a message is ever called, and no text of a message becomes a name of a context. It may be slow or fill memory, as any
 * loop of safe nodes may (fence-table.ts). The parser is the runtime's own: what it reads is what would run.
 */
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** Longer ones take `flows.code`. */
const MOST_CHARACTERS = 20_000
const MOST_DEEP = 200

const FUNCTIONS: ReadonlySet<string> = new Set(
  [
    ['sum', 'count', 'max', 'min', 'average', 'number', 'floor', 'ceil', 'round', 'abs', 'sqrt', 'power', 'random', 'formatNumber', 'formatBase'],
    ['formatInteger', 'parseInteger', 'boolean', 'not', 'exists', 'type', 'string', 'substring', 'substringBefore', 'substringAfter', 'lowercase'],
    ['uppercase', 'length', 'trim', 'pad', 'join', 'append', 'distinct', 'reverse', 'shuffle', 'zip', 'keys', 'lookup', 'spread', 'merge', 'error'],
    ['assert', 'now', 'millis', 'toMillis', 'fromMillis', 'base64encode', 'base64decode', 'encodeUrlComponent', 'decodeUrlComponent'],
  ].flat(),
)
/** They call a function: where it stands, and what may stand there. */
const CALLING: Readonly<Record<string, { at: readonly number[]; kinds: readonly string[] }>> = {
  map: { at: [1], kinds: ['lambda'] },
  filter: { at: [1], kinds: ['lambda'] },
  single: { at: [1], kinds: ['lambda'] },
  reduce: { at: [1], kinds: ['lambda'] },
  sift: { at: [1], kinds: ['lambda'] },
  each: { at: [1], kinds: ['lambda'] },
  sort: { at: [1], kinds: ['lambda'] },
  match: { at: [1], kinds: ['regex'] },
  contains: { at: [1], kinds: ['regex', 'string'] },
  split: { at: [1], kinds: ['regex', 'string'] },
  replace: { at: [1, 2], kinds: ['regex', 'string'] },
}
const CONTEXTS: ReadonlySet<string> = new Set(['flowContext', 'globalContext'])
/** A path of plain names. */
const CONTEXT_NAME = /^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$/
/** What a syntax tree may be made of; transforms, `~>`, partial calls and `%` are not among it. */
const KINDS: ReadonlySet<string> = new Set(
  [
    ['path', 'name', 'string', 'number', 'value', 'binary', 'unary', 'condition', 'block', 'bind', 'variable', 'function', 'lambda', 'regex', 'filter'],
    ['sort', 'wildcard', 'descendant', 'index', 'focus', 'stage', 'group'],
  ].flat(),
)

interface Tree {
  type?: unknown
  value?: unknown
  [part: string]: unknown
}
type Parser = (expression: string) => { ast(): Tree }

let parser: Parser | undefined
function parse(expression: string): Tree {
  if (!parser) {
    const nodeRed = createRequire(createRequire(import.meta.url).resolve('node-red/package.json'))
    const util = dirname(nodeRed.resolve('@node-red/util/package.json'))
    parser = nodeRed(join(util, 'lib', 'jsonata.js')) as Parser
  }
  return parser(expression).ast()
}

/** Can it only reckon with the message and the contexts? What cannot be read is not safe. */
export function isSafeJsonata(expression: string): boolean {
  if (expression.length > MOST_CHARACTERS) return false
  let tree: Tree
  try {
    tree = parse(expression)
  } catch {
    // the deploy check tells a wrong expression; a stack that is too deep is nobody's arithmetic
    return false
  }
  const bound = new Set<string>()
  return collectBound(tree, bound, 0) && isSafe(tree, bound, 0)
}

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value)
const isKnownFunction = (name: unknown) => typeof name === 'string' && (FUNCTIONS.has(name) || Object.hasOwn(CALLING, name) || CONTEXTS.has(name))
const leadsIntoEngine = (name: unknown) => typeof name === 'string' && (name in Object.prototype || name === 'prototype')

/** Names that the expression itself gives: none of them may be that of a function. */
function collectBound(tree: unknown, bound: Set<string>, depth: number): boolean {
  if (depth > MOST_DEEP) return false
  if (Array.isArray(tree)) return tree.every((each) => collectBound(each, bound, depth + 1))
  if (!isTree(tree)) return true
  const given = tree.type === 'bind' ? [tree.lhs] : tree.type === 'lambda' ? tree.arguments : []
  for (const variable of Array.isArray(given) ? given : [given]) {
    const name = (variable as Tree | undefined)?.value
    if (typeof name !== 'string' || isKnownFunction(name) || leadsIntoEngine(name)) return false
    bound.add(name)
  }
  // `path@$v`, `path#$i`
  for (const mark of [tree.focus, tree.index]) {
    if (typeof mark !== 'string') continue
    if (isKnownFunction(mark) || leadsIntoEngine(mark)) return false
    bound.add(mark)
  }
  return Object.entries(tree).every(([key, part]) => key === 'signature' || collectBound(part, bound, depth + 1))
}

/** @param isArgument it stands where a function is expected */
function isSafe(tree: unknown, bound: ReadonlySet<string>, depth: number, isArgument = false): boolean {
  if (depth > MOST_DEEP) return false
  if (Array.isArray(tree)) return tree.every((each) => isSafe(each, bound, depth + 1))
  if (!isTree(tree)) return true
  if (tree.type !== undefined && !(typeof tree.type === 'string' && KINDS.has(tree.type))) return false
  switch (tree.type) {
    case 'name':
      if (leadsIntoEngine(tree.value)) return false
      break
    case 'variable':
      // the context, the root, or a name of its own: a function is no value here
      return (
        (tree.value === '' || tree.value === '$' || (typeof tree.value === 'string' && bound.has(tree.value))) && partsAreSafe(tree, bound, depth, ['value'])
      )
    case 'regex':
      return isArgument
    case 'lambda':
      // the parser makes some of its own, for calls at the end of others
      if (!isArgument && tree.thunk !== true) return false
      return isSafe(tree.body, bound, depth + 1)
    case 'function':
      return isSafeCall(tree, bound, depth)
    default:
      break
  }
  return partsAreSafe(tree, bound, depth, [])
}

function partsAreSafe(tree: Tree, bound: ReadonlySet<string>, depth: number, but: readonly string[]): boolean {
  return Object.entries(tree).every(([key, part]) => but.includes(key) || isSafe(part, bound, depth + 1))
}

function isSafeCall(tree: Tree, bound: ReadonlySet<string>, depth: number): boolean {
  const { procedure, arguments: given } = tree as { procedure?: Tree; arguments?: unknown }
  const name =
    procedure?.type === 'variable' && Object.keys(procedure).every((key) => key === 'type' || key === 'value' || key === 'position')
      ? procedure.value
      : undefined
  if (typeof name !== 'string' || !isKnownFunction(name) || !Array.isArray(given)) return false
  if (!partsAreSafe(tree, bound, depth, ['procedure', 'arguments'])) return false
  if (CONTEXTS.has(name)) return given.length === 1 && isContextName(given[0])
  const calling = Object.hasOwn(CALLING, name) ? CALLING[name] : undefined
  // `payload.$sift(function…)`: what comes first is what is there
  const before = calling && given.length < 2 ? 1 : 0
  return given.every((argument, index) => {
    if (!isTree(argument)) return false
    if (!calling?.at.includes(index + before)) return isSafe(argument, bound, depth + 1)
    return calling.kinds.includes(String(argument.type)) && argument.thunk !== true && isSafe(argument, bound, depth + 1, true)
  })
}

const isContextName = (argument: unknown): boolean =>
  isTree(argument) &&
  argument.type === 'string' &&
  typeof argument.value === 'string' &&
  CONTEXT_NAME.test(argument.value) &&
  !argument.value.split('.').some(leadsIntoEngine)
