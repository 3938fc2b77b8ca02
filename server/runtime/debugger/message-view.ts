/** A message as JSON for a person to look at and change: bounded, and honest about what it leaves out. */
import { UserError } from '../../../base/errors.ts'
import type { MessageEdit, MessageView } from '../../api/debugger.ts'
import { SECRET } from '../tap/copy.ts'

const MAX_TEXT = 20_000
const MAX_ENTRIES = 500
const MAX_VALUES = 10_000
const MAX_DEPTH = 20

/** What the flow needs to lead the message home, and what the debugger knows it by. */
const FIXED = new Set(['_run', '_msgid', '_linkSource', 'req', 'res'])
const FORBIDDEN = new Set(['__proto__', 'prototype', 'constructor'])

export function viewMessage(message: object, { maxValues = MAX_VALUES, maxText = MAX_TEXT } = {}): MessageView {
  const opaque: string[] = []
  const above = new Set<object>()
  let left = maxValues

  const stand = (path: string, text: string): string => {
    opaque.push(path)
    return text
  }
  const view = (value: unknown, path: string, depth: number): unknown => {
    left -= 1
    if (left < 0) return stand(path, '… (too much to show)')
    switch (typeof value) {
      case 'string':
        return value.length > maxText ? stand(path, `${value.slice(0, maxText)}… (${value.length} characters)`) : value
      case 'number':
        return Number.isFinite(value) ? value : stand(path, String(value))
      case 'boolean':
        return value
      case 'undefined':
        return stand(path, 'undefined')
      case 'bigint':
        return stand(path, `${value} (BigInt)`)
      case 'function':
        return stand(path, 'function')
      case 'symbol':
        return stand(path, 'symbol')
      default:
    }
    if (value === null) return null
    const object = value as object
    if (above.has(object)) return stand(path, '(contains itself)')
    if (Buffer.isBuffer(object)) return stand(path, `Buffer, ${object.length} bytes: ${object.subarray(0, 64).toString('hex')}${object.length > 64 ? '…' : ''}`)
    if (object instanceof Date) return stand(path, Number.isNaN(object.getTime()) ? 'Date (invalid)' : `${object.toISOString()} (Date)`)
    if (object instanceof Error) return stand(path, `${object.name}: ${object.message}`)
    const isList = Array.isArray(object)
    const prototype = Object.getPrototypeOf(object) as object | null
    if (!isList && prototype !== null && Object.getPrototypeOf(prototype) !== null)
      return stand(path, `${object.constructor?.name ?? 'object'} (no plain value)`)
    if (depth >= MAX_DEPTH) return stand(path, isList ? `[${object.length}]` : '{…}')
    above.add(object)
    try {
      if (isList) {
        const shown = object.slice(0, MAX_ENTRIES).map((inner, index) => view(inner, `${path}/${index}`, depth + 1))
        if (object.length > MAX_ENTRIES) {
          opaque.push(path)
          shown.push(`… ${object.length - MAX_ENTRIES} more`)
        }
        return shown
      }
      const entries = Object.entries(object)
      const shown = entries.slice(0, MAX_ENTRIES).map(([key, inner]) => [key, named(key, inner, path, depth + 1)] as const)
      if (entries.length > MAX_ENTRIES) {
        opaque.push(path)
        shown.push(['…', `${entries.length - MAX_ENTRIES} more`])
      }
      return Object.fromEntries(shown)
    } finally {
      above.delete(object)
    }
  }

  /** What looks like a secret by its name is not shown to anybody. */
  const named = (key: string, value: unknown, path: string, depth: number) =>
    SECRET.test(key) ? stand(`${path}/${escaped(key)}`, '(hidden)') : view(value, `${path}/${escaped(key)}`, depth)

  const shown: Record<string, unknown> = {}
  for (const [key, inner] of Object.entries(message)) {
    // the browser's request and its answer are huge, and nothing in them is for editing
    shown[key] = key === 'req' || key === 'res' ? stand(`/${key}`, 'of the HTTP caller') : named(key, inner, '', 1)
  }
  return { message: shown, opaque }
}

/** The payload in a few words, for a list. */
export function inWords(value: unknown): string {
  if (value === undefined) return ''
  const { message } = viewMessage({ value }, { maxValues: 40, maxText: 120 })
  const text = JSON.stringify((message as { value: unknown }).value)
  return text.length > 120 ? `${text.slice(0, 119)}…` : text
}

/**
 * Changes a message in place, all or nothing.
 * @throws UserError edit-not-possible
 */
export function applyEdits(message: object, edits: readonly MessageEdit[]): void {
  const refuse = (path: MessageEdit['path'], why: string) =>
    new UserError({ code: 'edit-not-possible', message: `msg.${path.join('.')} cannot be changed: ${why}. Nothing was changed.` })
  const steps = edits.map(({ path, value }) => {
    const [first] = path
    if (typeof first === 'string' && FIXED.has(first)) throw refuse(path, 'the flow leads the message by it')
    if (path.some((part) => typeof part === 'string' && FORBIDDEN.has(part))) throw refuse(path, 'this name is not allowed')
    let target: unknown = message
    for (const part of path.slice(0, -1)) {
      target = typeof target === 'object' && target !== null && Object.hasOwn(target, part) ? (target as Record<string, unknown>)[part] : undefined
    }
    if (typeof target !== 'object' || target === null) throw refuse(path, 'what it stands in is not there any more')
    return { target: target as Record<string | number, unknown>, key: path.at(-1) as string | number, value }
  })
  for (const { target, key, value } of steps) {
    if (value !== undefined) target[key] = value
    else if (Array.isArray(target) && typeof key === 'number') target.splice(key, 1)
    else delete target[key]
  }
}

const escaped = (key: string) => key.replaceAll('~', '~0').replaceAll('/', '~1')
