/**
 * A POST to an address that a person gave. The server sits inside the shop's network: private addresses only where that is meant, and
 * those that belong to the computer's own link (among them what clouds tell their machines' secrets by) never. What is asked is the very
 * address that was judged; a redirect is an answer, and is not followed.
 */
import { BlockList, isIP } from 'node:net'
import { Agent, request } from 'undici'
import { messageOf, OperationalError, UserError } from '../../base/errors.ts'
import { addressIn, addressOf, only } from '../../base/judged-address.ts'
import { isPrivateAddress } from '../../base/private-address.ts'

// RFC 3927 and RFC 4291: link-local; multicast; "this network"
const NEVER = new BlockList()
NEVER.addSubnet('169.254.0.0', 16, 'ipv4')
NEVER.addSubnet('224.0.0.0', 3, 'ipv4')
NEVER.addSubnet('0.0.0.0', 8, 'ipv4')
NEVER.addSubnet('fe80::', 10, 'ipv6')
NEVER.addSubnet('ff00::', 8, 'ipv6')
NEVER.addAddress('::', 'ipv6')

const CONNECT_MS = 10_000
/** An answer that is longer is not read to its end. */
const MOST_BYTES = 64_000

export interface Posting {
  url: string
  headers: Record<string, string>
  body: string | Buffer
  /** Also into a private network, and there in the clear. */
  allowsPrivate: boolean
  /** PEM, besides those that the computer trusts. */
  ca?: string | undefined
  timeoutMs: number
  signal?: AbortSignal
}

export interface Posted {
  status: number
  /** What the other side asks to wait, in seconds. */
  retryAfterS?: number
}

const refused = (code: 'webhook-address' | 'webhook-private' | 'webhook-plain', message: string) => new UserError({ code, status: 422, message })

/** @throws UserError `webhook-address` */
function urlOf(text: string): URL {
  const url = URL.parse(text)
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') throw refused('webhook-address', `"${text.slice(0, 200)}" is no http or https address.`)
  if (url.username || url.password) throw refused('webhook-address', 'The address holds a name or a password. Leave them out: the signature says who sends.')
  return url
}

/**
 * What of it can be judged before the name is looked up.
 * @throws UserError `webhook-address`, `webhook-private`, `webhook-plain`
 */
export function checkAddress(text: string, allowsPrivate: boolean): URL {
  const url = urlOf(text)
  const address = addressIn(url.hostname)
  if (address !== undefined) judge(url, address, allowsPrivate)
  else if (url.protocol === 'http:' && !allowsPrivate) throw inTheClear(url)
  return url
}

const inTheClear = (url: URL) =>
  refused('webhook-plain', `${url.host} would be told in the clear. Use https, or say that it lies in a private network of the shop.`)

function judge(url: URL, address: string, allowsPrivate: boolean): void {
  const bare = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address
  if (NEVER.check(bare, isIP(bare) === 6 ? 'ipv6' : 'ipv4'))
    throw refused('webhook-private', `${url.host} is an address of the computer's own link (${address}): nothing is sent there.`)
  const isPrivate = isPrivateAddress(address)
  if (isPrivate && !allowsPrivate) throw refused('webhook-private', `${url.host} lies in a private network (${address}). Say that it may, when this is meant.`)
  if (!isPrivate && url.protocol === 'http:') throw inTheClear(url)
}

/**
 * Sends it once and tells the status that came back, whatever it is.
 * @throws UserError when the address may not be asked; OperationalError `not-reached` when nothing was answered
 */
export async function post({ url: text, headers, body, allowsPrivate, ca, timeoutMs, signal }: Posting): Promise<Posted> {
  const url = checkAddress(text, allowsPrivate)
  const limit = AbortSignal.timeout(timeoutMs)
  const until = signal ? AbortSignal.any([signal, limit]) : limit
  const failed = (error: unknown) =>
    new OperationalError({
      code: 'not-reached',
      message: `${url.host}: ${limit.aborted ? `no answer within ${timeoutMs / 1000} s` : causeOf(error)}.`,
      cause: error,
    })
  const { address, family } = await addressOf(url, until).catch((error: unknown) => {
    throw failed(error)
  })
  judge(url, address, allowsPrivate)
  const agent = new Agent({
    connect: {
      ...(ca ? { ca } : {}),
      timeout: Math.min(CONNECT_MS, timeoutMs),
      lookup: only({ address, family }),
    },
    maxHeaderSize: 16_384,
  })
  try {
    const { statusCode, headers: answered, body: answer } = await request(url, { method: 'POST', dispatcher: agent, signal: until, headers, body })
    // what is not wanted to its end says so as an error of the stream
    answer.on('error', () => {})
    let bytes = 0
    for await (const part of answer as AsyncIterable<Buffer>) {
      bytes += part.length
      if (bytes > MOST_BYTES) break
    }
    answer.destroy()
    const wait = Number(answered['retry-after'])
    return { status: statusCode, ...(Number.isFinite(wait) && wait > 0 ? { retryAfterS: Math.min(wait, 86_400) } : {}) }
  } catch (error) {
    throw failed(error)
  } finally {
    await agent.destroy()
  }
}

/** Node says what went wrong behind "fetch failed" or in several tries. */
function causeOf(error: unknown): string {
  const inner = (error as { cause?: unknown }).cause
  const first = error instanceof AggregateError ? error.errors[0] : inner
  return first === undefined ? messageOf(error) : messageOf(first)
}
