/**
 * The address that is asked is the very one that was judged: a name is looked up once, and the connection goes there. A name that
 * answers otherwise a moment later leads nowhere.
 */
import { lookup } from 'node:dns/promises'
import { isIP, type LookupFunction } from 'node:net'
import { isPrivateAddress } from './private-address.ts'

export interface JudgedAddress {
  address: string
  family: number
}

/** The host of a URL as an address, without the brackets of IPv6. Undefined: it is a name. */
export function addressIn(hostname: string): string | undefined {
  const bare = hostname.replace(/^\[|\]$/g, '')
  return isIP(bare) ? bare : undefined
}

/**
 * The address of a URL's host; of a name its first one. One that is among private ones counts as private, whichever comes first.
 * @throws Error when it has none, or it was not found in time
 */
export async function addressOf({ hostname }: URL, until: AbortSignal): Promise<JudgedAddress> {
  const literal = addressIn(hostname)
  if (literal !== undefined) return { address: literal, family: isIP(literal) }
  const all = await Promise.race([
    lookup(hostname, { all: true, verbatim: true }),
    new Promise<never>((_, reject) => until.addEventListener('abort', () => reject(new Error('its name was not found in time')), { once: true })),
  ])
  const [first] = all.toSorted((a, b) => Number(isPrivateAddress(b.address)) - Number(isPrivateAddress(a.address)))
  if (!first) throw new Error('its name has no address')
  return first
}

/** As `lookup` of a connection: whatever name is asked for, it leads to this address. */
export const only =
  ({ address, family }: JudgedAddress): LookupFunction =>
  (_name, options, done) =>
    options.all ? done(null, [{ address, family }]) : done(null, address, family)
