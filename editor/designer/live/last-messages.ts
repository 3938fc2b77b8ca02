/** The last real messages of the running flows, asked of the server when somebody wants to see one. */
import { getPassedMessage, type MessageCut, type PassedMessage } from '../../../server/api/activity.ts'
import { ApiError, call } from '../../shared/api.ts'
import type { LastMessages, SeenMessage } from '../host/last-messages.ts'
import { pathWith } from '../panels/debug-value.ts'

export interface Asked {
  from?: string
  port?: number
  to?: string
}

export async function passedMessage(query: Asked, signal?: AbortSignal): Promise<PassedMessage | undefined> {
  return (await call(getPassedMessage, { query, ...(signal ? { signal } : {}) })).message
}

/** For forms and previews: no message where none can be had just now. */
export function createLastMessages(): LastMessages {
  const ask = async (query: Asked): Promise<SeenMessage | undefined> => {
    try {
      const message = await passedMessage(query)
      return message && { from: message.from, at: new Date(message.at), msg: message.msg }
    } catch (error) {
      if (error instanceof ApiError) return undefined
      throw error
    }
  }
  return {
    into: (nodeId) => ask({ to: nodeId }),
    from: (nodeId, port) => ask({ from: nodeId, port }),
  }
}

/** What was left out of a message, by the path as it is shown. */
export function cutsByPath(cuts: readonly MessageCut[]): ReadonlyMap<string, MessageCut> {
  return new Map(cuts.map((cut) => [cut.path.reduce<string>((path, key) => pathWith(path, key), 'msg'), cut]))
}
