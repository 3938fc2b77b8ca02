/**
 * The way to a git server on the shop's own network that speaks plain http. Whoever listens there can read flows and token, so it goes to
 * addresses of that network alone: a name is looked up once, the connection goes to the address that was judged, and nothing leads on.
 */
import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import type { HttpClient } from 'isomorphic-git/http/node'
import { Agent, request } from 'undici'
import { UserError } from '../../base/errors.ts'
import { addressIn, only } from '../../base/judged-address.ts'

const CONNECT_MS = 10_000

// RFC 1918, RFC 4193, loopback and link-local: no router of the internet carries these
const OWN = new BlockList()
for (const [net, bits] of [
  ['10.0.0.0', 8],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const)
  OWN.addSubnet(net, bits, 'ipv4')
for (const [net, bits] of [
  ['::1', 128],
  ['fc00::', 7],
  ['fe80::', 10],
] as const)
  OWN.addSubnet(net, bits, 'ipv6')

/** An address of a private network, or of this computer. */
export function isOnOwnNetwork(address: string): boolean {
  const bare = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address
  const family = isIP(bare)
  return family !== 0 && OWN.check(bare, family === 4 ? 'ipv4' : 'ipv6')
}

/** @throws UserError mirror-public; whatever the name server says */
async function ownAddressOf({ hostname }: URL): Promise<{ address: string; family: number }> {
  const literal = addressIn(hostname)
  const all = literal === undefined ? await lookup(hostname, { all: true, verbatim: true }) : [{ address: literal, family: isIP(literal) }]
  const outside = all.find(({ address }) => !isOnOwnNetwork(address))
  const [first] = all
  if (outside || !first)
    throw new UserError({
      code: 'mirror-public',
      message: `${hostname} is not on the shop's own network (${outside?.address ?? 'it has no address'}): nothing was sent there, since plain http can be read on the way. Use its https address.`,
    })
  return first
}

/** For isomorphic-git. Redirections are not followed: they would take the token elsewhere. */
export const plainHttp: HttpClient = {
  async request({ url, method = 'GET', headers = {}, body }) {
    const target = new URL(url)
    const { address, family } = await ownAddressOf(target)
    const parts: Uint8Array[] = []
    if (body) for await (const part of body) parts.push(part)
    const agent = new Agent({
      connect: {
        timeout: CONNECT_MS,
        lookup: only({ address, family }),
      },
    })
    const answer = await request(target, {
      dispatcher: agent,
      method: method === 'POST' ? 'POST' : 'GET',
      headers,
      ...(parts.length ? { body: Buffer.concat(parts) } : {}),
    })
    return {
      url,
      method,
      statusCode: answer.statusCode,
      statusMessage: answer.statusText ?? '',
      headers: Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, String(value)])),
      body: closing(answer.body, agent),
    }
  },
}

async function* closing(body: AsyncIterable<Uint8Array>, agent: Agent): AsyncIterableIterator<Uint8Array> {
  try {
    yield* body
  } finally {
    await agent.destroy()
  }
}
