/**
 * Dashboards inside a page of ours. A frame of our own origin could reach the page around it, and with it everything that its person
 * may do; and a dashboard's scripts come from flows. So such a frame has no origin (sandbox without `allow-same-origin`), hence no
 * cookie: what lets it in is a secret in its address, which stands for the sign-in that asked for it, and ends with it.
 */
import { randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { Caller } from '../auth/caller.ts'

/** Below it is the secret, below that what a browser finds at the same path otherwise. */
export const FRAMED = '/framed'
/** Panels that look at dashboards at a time; the one that was not used for longest asks again. */
const MOST_PASSES = 500

export interface Frames {
  /** Lets whoever sent this request open dashboards in a frame. @returns what their addresses begin with there */
  open(request: IncomingMessage): string
  /** What an address below {@link FRAMED} asks for, and who asks now; undefined where nobody may. */
  find(url: string): Promise<{ prefix: string; url: string; caller: Caller; stillThere: () => Promise<Caller | undefined> } | undefined>
}

export function createFrames(callerOf: (request: IncomingMessage) => Promise<Caller | undefined>): Frames {
  /** The request whose sign-in a pass stands for. */
  const passes = new Map<string, IncomingMessage>()
  return {
    open(request) {
      const known = [...passes].find(([, { headers }]) => headers.cookie !== undefined && headers.cookie === request.headers.cookie)?.[0]
      const pass = known ?? randomBytes(24).toString('base64url')
      passes.delete(pass)
      passes.set(pass, request)
      const [oldest] = passes.keys()
      if (passes.size > MOST_PASSES && oldest !== undefined) passes.delete(oldest)
      return `${FRAMED}/${pass}`
    },
    async find(url) {
      const pass = /^\/framed\/([\w-]{32})(?=\/)/.exec(url)?.[1]
      const request = pass === undefined ? undefined : passes.get(pass)
      if (pass === undefined || !request) return undefined
      const stillThere = () => callerOf(request)
      const caller = await stillThere()
      if (!caller) {
        passes.delete(pass)
        return undefined
      }
      const prefix = `${FRAMED}/${pass}`
      return { prefix, url: url.slice(prefix.length), caller, stillThere }
    },
  }
}

/** A page without an origin says `Origin: null`, which Dashboard 2 takes for another site; what let it in is its address. */
export function frameHeadersInward(headers: IncomingHttpHeaders): void {
  for (const name of ['origin', 'referer', 'cookie', 'if-none-match', 'if-modified-since']) delete headers[name]
}

/**
 * Of every answer, also of a refusal. Only who has the address gets one, so whoever has it may read it: that is how a page without an
 * origin loads its own files and pictures.
 */
export function openToFrames(response: ServerResponse): void {
  response.setHeader('access-control-allow-origin', '*')
  response.setHeader('cross-origin-resource-policy', 'cross-origin')
}

export function frameHeadersOutward(headers: OutgoingHttpHeaders): void {
  delete headers['set-cookie']
  delete headers['access-control-allow-origin']
  // the address is a secret: no cache between, and no other page's business
  headers['referrer-policy'] = 'no-referrer'
  headers['cache-control'] ??= 'private'
}
