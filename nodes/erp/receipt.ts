/** What a work order's message carries so that a later node can tell its taking. */
import type { Message } from '../define-node/red.ts'

export interface Receipt {
  /** The order's id in Cellwright. */
  id: string
  connectionId: string
  /** Where it came from: a file, a record. */
  source: string
  /** It still counts as not taken: the node that releases it says so. */
  isOpen: boolean
}

/** The receipt of a message, if it came from a work order. */
export function receiptOf(message: Message): Receipt | undefined {
  const receipt = message.receipt as Partial<Receipt> | undefined
  return typeof receipt === 'object' && receipt !== null && typeof receipt.id === 'string' ? (receipt as Receipt) : undefined
}

/** The work order's number in a message, where it has one. */
export function workOrderNumberOf(message: Message): string | undefined {
  const number = (message.workOrder as { number?: unknown } | undefined)?.number
  return typeof number === 'string' ? number : undefined
}
