/**
 * Loads a template from an address that a person gave. The server sits inside the shop's network, and whoever gives the address may
 * sit elsewhere: only so much and so long, and an address inside a private network only when that is meant; outside of one only https. What is
 * asked is the very address that was judged: a name that answers otherwise a moment later leads nowhere.
 */
import { Agent, request } from 'undici'
import { messageOf, OperationalError, UserError } from '../../base/errors.ts'
import { addressOf, only } from '../../base/judged-address.ts'
import { isPrivateAddress } from '../../base/private-address.ts'
import { LIMITS } from './archive/limits.ts'

const WITHIN_MS = 30_000
const MOST_REDIRECTS = 3

export interface Downloaded {
  archive: Buffer
  /** Who answered in the end. */
  from: { host: string; address: string; isPrivate: boolean }
}

export interface DownloadOptions {
  url: string
  /** Also from a private network. */
  evenPrivate: boolean
  signal?: AbortSignal
  /** Certificates to trust besides those of the system: for tests. */
  ca?: string
}

const badAddress = (message: string) => new UserError({ code: 'template-address', status: 422, message: `${message} Nothing was loaded.` })

/** @throws UserError template-address */
function checked(text: string, mayBePlain: boolean): URL {
  const url = URL.parse(text)
  if (url?.protocol !== 'https:' && !(mayBePlain && url?.protocol === 'http:')) throw badAddress(`"${text.slice(0, 200)}" is no https address.`)
  if (url.username || url.password) throw badAddress('The address holds a name or a password: those would be kept in the log.')
  return url
}

/**
 * @throws UserError template-address, template-private-address, template-refused (too large); OperationalError download-failed
 */
export async function download({ url: text, evenPrivate, signal, ca }: DownloadOptions): Promise<Downloaded> {
  const limit = AbortSignal.timeout(WITHIN_MS)
  const until = signal ? AbortSignal.any([signal, limit]) : limit
  let url = checked(text, true)
  for (let hops = 0; hops <= MOST_REDIRECTS; hops += 1) {
    const answer = await ask(url, { evenPrivate, until, ca })
    if ('archive' in answer) return answer
    // what came securely goes on so
    url = checked(new URL(answer.to, url).href, url.protocol === 'http:')
  }
  throw badAddress(`The address leads on more than ${MOST_REDIRECTS} times.`)
}

async function ask(
  url: URL,
  { evenPrivate, until, ca }: { evenPrivate: boolean; until: AbortSignal; ca: string | undefined },
): Promise<Downloaded | { to: string }> {
  const failed = (reason: string, cause?: unknown) =>
    new OperationalError({
      code: 'download-failed',
      status: 502,
      message: `${url.host} could not be asked for the template: ${reason}.`,
      ...(cause === undefined ? {} : { cause }),
    })
  const { address, family } = await addressOf(url, until).catch((error: unknown) => {
    throw failed(messageOf(error), error)
  })
  const isPrivate = isPrivateAddress(address)
  // who signed it is known all the same, but anybody on the way could hold it back or give an older one
  if (url.protocol === 'http:' && !isPrivate) throw badAddress(`${url.host} is reached over the internet: only https is asked there.`)
  if (isPrivate && !evenPrivate)
    throw new UserError({
      code: 'template-private-address',
      status: 409,
      message: `${url.host} lies in a private network (${address}): this server would ask a device of its own network. Say so when that is meant. Nothing was loaded.`,
      details: { host: url.host, address, ...(url.protocol === 'http:' ? { isPlain: true } : {}) },
    })
  const agent = new Agent({
    connect: {
      ...(ca === undefined ? {} : { ca }),
      timeout: 10_000,
      lookup: only({ address, family }),
    },
    maxHeaderSize: 16_384,
  })
  try {
    const { statusCode, headers, body } = await request(url, {
      dispatcher: agent,
      signal: until,
      headers: { accept: 'application/gzip, application/octet-stream', 'user-agent': 'Cellwright' },
    })
    // what is not wanted to its end says so as an error of the stream
    body.on('error', () => {})
    if (statusCode >= 300 && statusCode < 400 && typeof headers.location === 'string') {
      body.destroy()
      return { to: headers.location }
    }
    if (statusCode !== 200) {
      body.destroy()
      throw failed(`it answered ${statusCode}`)
    }
    const parts: Buffer[] = []
    let bytes = 0
    for await (const part of body as AsyncIterable<Buffer>) {
      bytes += part.length
      if (bytes > LIMITS.packedBytes) throw failed(`what it sends is larger than ${LIMITS.packedBytes / 1_000_000} MB`)
      parts.push(part)
    }
    return { archive: Buffer.concat(parts, bytes), from: { host: url.host, address, isPrivate } }
  } catch (error) {
    if (error instanceof OperationalError) throw error
    throw failed(until.aborted ? `it was not there within ${WITHIN_MS / 1000} s` : messageOf(error), error)
  } finally {
    await agent.destroy()
  }
}
