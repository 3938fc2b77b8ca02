/** Which addresses lie in a private network, for whoever asks an address that a person gave. */
import { BlockList, isIP } from 'node:net'

// RFC 6890 and what came since: nothing of these is reached over the internet
const PRIVATE = new BlockList()
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const)
  PRIVATE.addSubnet(net, bits, 'ipv4')
for (const [net, bits] of [
  ['::', 128],
  ['::1', 128],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const)
  PRIVATE.addSubnet(net, bits, 'ipv6')

/** Also an IPv4 address that is written as an IPv6 one. */
export function isPrivateAddress(address: string): boolean {
  const mapped = /^::ffff:(?:0:)?(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  const bare = mapped ?? address
  // what cannot be judged counts as private
  if (mapped === undefined && /^::ffff:/i.test(address)) return true
  const family = isIP(bare)
  return family === 0 || PRIVATE.check(bare, family === 4 ? 'ipv4' : 'ipv6')
}
