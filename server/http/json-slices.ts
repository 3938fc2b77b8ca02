/**
 * JSON.parse for large bodies in small steps: 20 MB of flows in one piece would hold up the event loop,
 * and with it a stop, for a tenth of a second. The elements of large arrays (the root, or a property of
 * the root object) are parsed some at a time; the rest of the text as usual.
 */
import { randomUUID } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
/** How long one step may take. */
const STEP_MS = 2

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
 * The value that `JSON.parse` gives.
 * @param sliceBytes about how much is parsed in one go
 * @throws SyntaxError where JSON.parse would; TypeError for bytes that are not UTF-8
 */
export async function parseJsonInSlices(bytes: Buffer, sliceBytes = 65_536): Promise<unknown> {
  if (bytes.length <= sliceBytes) return parse(bytes)
  /** The text without the elements of large arrays, a placeholder in their place. */
  const rest: Buffer[] = []
  const lists = new Map<string, unknown[]>()
  const open: number[] = []
  let restFrom = 0
  let isInString = false
  /** Of the array being cut up: where the next slice begins, at which depth, what was parsed. */
  let sliceFrom = -1
  let sliceDepth = 0
  let list: unknown[] | undefined
  let begun = performance.now()

  for (let i = 0; i < bytes.length; i += 1) {
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
        if (sliceFrom < 0 && (open.length === 1 || (open.length === 2 && open[0] === OPEN_OBJECT))) {
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
        if (performance.now() - begun > STEP_MS) {
          await nextTurn()
          begun = performance.now()
        }
        break
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        // brackets that do not match: JSON.parse finds the words for it
        if (open.pop() !== (byte === CLOSE_ARRAY ? OPEN_ARRAY : OPEN_OBJECT)) return parse(bytes)
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
  if (typeof root === 'string') return lists.get(root) ?? root
  if (typeof root === 'object' && root !== null) {
    const properties = root as Record<string, unknown>
    for (const [key, value] of Object.entries(properties)) {
      const found = typeof value === 'string' ? lists.get(value) : undefined
      // a plain assignment would set the prototype
      if (found) Object.defineProperty(properties, key, { value: found, enumerable: true, configurable: true, writable: true })
    }
  }
  return root
}
