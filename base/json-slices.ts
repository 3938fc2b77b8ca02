/**
 * JSON of some megabytes in small steps: 20 MB of flows in one piece would hold up the event loop, and with it a
 * stop, for a tenth of a second. Large arrays that are the root, or stand in objects near it, are read and written
 * some elements at a time; the rest as usual.
 */
import { randomUUID } from 'node:crypto'
import { inSteps, type Steps } from './steps.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/** About how much is read or written in one go. */
const SLICE_BYTES = 32_768
/** In how many objects a large array may stand: those of a JSON-RPC message with its parameters, and one more. */
const MAX_DEPTH = 3
/** Arrays with fewer elements are written in one go. */
const MANY = 200

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const parse = (bytes: Buffer): unknown => JSON.parse(decoder.decode(bytes))

/** Parses some elements of an array. */
function parseElements(bytes: Buffer): unknown[] {
  const elements = JSON.parse(`[${decoder.decode(bytes)}]`) as unknown[]
  // there was a comma before or after
  if (elements.length === 0) throw new SyntaxError('an element is missing between two commas')
  return elements
}

/**
 * The value that `JSON.parse` gives. Small texts are parsed before this returns.
 * @param sliceBytes about how much is parsed in one go
 * @throws SyntaxError where JSON.parse would; TypeError for bytes that are not UTF-8
 */
export async function parseJsonInSlices(bytes: Buffer, sliceBytes = SLICE_BYTES): Promise<unknown> {
  return bytes.length <= sliceBytes ? parse(bytes) : inSteps(parseSteps(bytes, sliceBytes))
}

function* parseSteps(bytes: Buffer, sliceBytes: number): Steps<unknown> {
  /** The text without the elements of large arrays, a placeholder in their place. */
  const rest: Buffer[] = []
  const lists = new Map<string, unknown[]>()
  const open: number[] = []
  /** How many of the open brackets are arrays. */
  let openArrays = 0
  let restFrom = 0
  let isInString = false
  /** Of the array being cut up: where the next slice begins, at which depth, what was parsed. */
  let sliceFrom = -1
  let sliceDepth = 0
  let list: unknown[] | undefined
  let pauseAt = sliceBytes

  for (let i = 0; i < bytes.length; i += 1) {
    if (i >= pauseAt) {
      pauseAt = i + SLICE_BYTES
      yield
    }
    const byte = bytes[i]
    if (isInString) {
      if (byte === BACKSLASH) i += 1
      else if (byte === QUOTE) isInString = false
      continue
    }
    switch (byte) {
      case QUOTE:
        isInString = true
        break
      case OPEN_OBJECT:
        open.push(byte)
        break
      case OPEN_ARRAY:
        open.push(byte)
        openArrays += 1
        if (sliceFrom < 0 && openArrays === 1 && open.length <= MAX_DEPTH + 1) {
          sliceFrom = i + 1
          sliceDepth = open.length
        }
        break
      case COMMA:
        if (sliceFrom < 0 || open.length !== sliceDepth || i - sliceFrom < sliceBytes) break
        if (!list) {
          // the array is a large one: what stood before it is kept, its elements are taken out
          rest.push(bytes.subarray(restFrom, sliceFrom - 1))
          list = []
        }
        for (const element of parseElements(bytes.subarray(sliceFrom, i))) list.push(element)
        sliceFrom = i + 1
        yield
        break
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        // brackets that do not match: JSON.parse finds the words for it
        if (open.pop() !== (byte === CLOSE_ARRAY ? OPEN_ARRAY : OPEN_OBJECT)) return parse(bytes)
        if (byte === CLOSE_ARRAY) openArrays -= 1
        if (sliceFrom < 0 || open.length !== sliceDepth - 1) break
        if (list) {
          for (const element of parseElements(bytes.subarray(sliceFrom, i))) list.push(element)
          const placeholder = randomUUID()
          lists.set(placeholder, list)
          rest.push(Buffer.from(`"${placeholder}"`))
          restFrom = i + 1
          list = undefined
        }
        sliceFrom = -1
        break
      default:
    }
  }
  // it ended within an array that was being cut up
  if (list) return parse(bytes)
  rest.push(bytes.subarray(restFrom))
  const root = parse(Buffer.concat(rest))
  return lists.size ? withLists(root, lists, 0) : root
}

/** Puts the lists back where their placeholders stand. */
function withLists(value: unknown, lists: ReadonlyMap<string, unknown[]>, depth: number): unknown {
  if (typeof value === 'string') return lists.get(value) ?? value
  if (typeof value !== 'object' || value === null || Array.isArray(value) || depth >= MAX_DEPTH) return value
  for (const [key, inner] of Object.entries(value)) {
    const found = withLists(inner, lists, depth + 1)
    // a plain assignment would set the prototype
    if (found !== inner) Object.defineProperty(value, key, { value: found, enumerable: true, configurable: true, writable: true })
  }
  return value
}

/** Does it hold an array that is written in slices? */
export function hasLargeArray(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return false
  if (Array.isArray(value)) return value.length >= MANY
  for (const key in value) if (hasLargeArray((value as Record<string, unknown>)[key], depth + 1)) return true
  return false
}

/**
 * The text that `JSON.stringify` gives, as UTF-8. What holds no large array is written before this returns.
 * @throws TypeError for what is no JSON: a circle, a BigInt, undefined
 */
export async function stringifyInSlices(value: unknown): Promise<Buffer> {
  if (hasLargeArray(value)) return inSteps(stringifySteps(value))
  const text = JSON.stringify(value) as string | undefined
  if (text === undefined) throw new TypeError('this value has no JSON')
  return Buffer.from(text)
}

function* stringifySteps(value: unknown): Steps<Buffer> {
  const slices: Buffer[] = []
  let text = ''
  for (const piece of pieces(value, '', 0)) {
    text += piece
    if (text.length < SLICE_BYTES) continue
    slices.push(Buffer.from(text))
    text = ''
    yield
  }
  slices.push(Buffer.from(text))
  return Buffer.concat(slices)
}

/** @param before what stands in front, if there is anything to write at all: JSON leaves out properties without a value */
function* pieces(value: unknown, before: string, depth: number): Generator<string, boolean, undefined> {
  const isSelfMade = typeof value === 'object' && value !== null && 'toJSON' in value
  if (isSelfMade || !hasLargeArray(value, depth)) {
    const text = JSON.stringify(value) as string | undefined
    if (text !== undefined) yield before + text
    return text !== undefined
  }
  if (Array.isArray(value)) {
    yield `${before}[`
    for (const [index, element] of value.entries()) yield (index ? ',' : '') + ((JSON.stringify(element) as string | undefined) ?? 'null')
    yield ']'
    return true
  }
  yield `${before}{`
  let isFirst = true
  for (const [key, inner] of Object.entries(value as object)) {
    if (yield* pieces(inner, `${isFirst ? '' : ','}${JSON.stringify(key)}:`, depth + 1)) isFirst = false
  }
  yield '}'
  return true
}
