/** Reads a message value for one message and checks what came out. */
import { messageOf, UserError } from '../../base/errors.ts'
import { checkerOf } from '../../base/schema.ts'
import type { Message, Red, RedNode } from './red.ts'
import type { Field, MessageSetting } from './schema.ts'

/**
 * @throws UserError `value-unreadable` (the expression failed), `value-missing` (nothing there), `value-invalid`
 * (not what the field takes: a number given as text is not a number)
 */
export async function evaluateMessageValue(options: {
  red: Red
  node: RedNode
  message: Message
  field: Field & { widget: 'message-value' }
  setting: MessageSetting | undefined
}): Promise<unknown> {
  const { red, node, message, field, setting } = options
  if (!setting) return undefined
  const from = sourceInWords(setting)
  let result: unknown
  try {
    result = await new Promise((resolve, reject) => {
      red.util.evaluateNodeProperty(setting.value, setting.type, node, message, (error, value) => (error ? reject(error) : resolve(value)))
    })
  } catch (error) {
    // msg.a.b of a message without `a` is a TypeError in Node-RED: nothing is there
    const isAbsent = setting.type === 'msg' && error instanceof TypeError
    if (!isAbsent)
      throw new UserError({ code: 'value-unreadable', message: `${field.title} could not be read from ${from}: ${messageOf(error)}.`, cause: error })
  }
  if (result === undefined || result === null || (result === '' && field.isOptional)) {
    if (field.isOptional) return undefined
    throw new UserError({ code: 'value-missing', message: `${field.title} is missing: ${from} is empty in this message.` })
  }
  const expected = (field.of as { type?: unknown }).type
  // the environment only holds text
  if (setting.type === 'env' && (expected === 'number' || expected === 'integer') && String(result).trim() !== '') result = Number(result)
  // an order number is text though JSON may have it as a number
  if (expected === 'string' && typeof result === 'number' && Number.isFinite(result)) result = String(result)
  const errors = checkerOf(field.of).errors(result)
  if (errors.length || (typeof result === 'number' && !Number.isFinite(result))) {
    const wanted = expected === 'number' || expected === 'integer' ? 'must be a number' : (errors[0]?.message ?? 'is not valid')
    throw new UserError({ code: 'value-invalid', message: `${field.title} ${wanted}, but ${from} is ${valueInWords(result)}.`, details: { errors } })
  }
  return result
}

/** Where a value comes from, as an engineer would say it. */
function sourceInWords({ type, value }: MessageSetting): string {
  switch (type) {
    case 'msg':
    case 'flow':
    case 'global':
      return `${type}.${value}`
    case 'env':
      return `the environment variable ${value}`
    case 'jsonata':
      return `the expression "${short(value)}"`
    default:
      return `the constant "${short(value)}"`
  }
}

const short = (text: string): string => (text.length > 60 ? `${text.slice(0, 59)}…` : text)

function valueInWords(value: unknown): string {
  if (typeof value === 'string') return `the text "${short(value)}"`
  if (typeof value === 'number') return Number.isNaN(value) ? 'not a number (NaN)' : String(value)
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object' && value !== null) return 'an object'
  return String(value)
}
