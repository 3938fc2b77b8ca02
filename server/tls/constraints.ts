/**
 * What the installation's authority may vouch for (RFC 5280 4.2.1.10, name constraints): names and addresses of a shop's own network, and what it
 * was asked for when it was made. Whoever steals its key can stand in for the shop's servers, and not for a bank.
 */
import { X509Certificate as NodeCertificate } from 'node:crypto'
import { BlockList, isIP } from 'node:net'
import { AsnConvert } from '@peculiar/asn1-schema'
import { GeneralName, GeneralSubtree, GeneralSubtrees, NameConstraints } from '@peculiar/asn1-x509'
import 'reflect-metadata'
import { Extension, X509Certificate } from '@peculiar/x509'
import type { ServerNames } from './names.ts'

const OID = '2.5.29.30'
/**
 * Ends of names that nobody on the internet can own: RFC 6762 (local), RFC 6761 (localhost), RFC 8375 (home.arpa), ICANN's resolution of 2024 (internal), and those
 * that routers are used to give (lan, home; ICANN does not give them away either).
 */
const LOCAL_ENDS = ['localhost', 'local', 'lan', 'home', 'internal', 'home.arpa']
/** Private, shared and link-local networks, and the computer itself: RFC 1918, 6598, 3927, 1122, 4193, 4291. */
const LOCAL_NETWORKS = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '169.254.0.0/16', '127.0.0.0/8', 'fc00::/7', 'fe80::/10', '::1/128']

interface Permitted {
  /** Each with everything below it. */
  dns: readonly string[]
  /** As 10.0.0.0/8. */
  networks: readonly string[]
}

const familyOf = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4')

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    list.addSubnet(address, Number(bits), familyOf(address))
  }
  return list
}

/** Does a permitted name cover this one: itself, or something below it? */
const covers = (permitted: string, name: string) => name === permitted || name.endsWith(`.${permitted}`)

/**
 * Parts names by what may be vouched for.
 * @param permitted undefined: everything
 */
export function within(permitted: Permitted | undefined, names: ServerNames): { inside: ServerNames; outside: string[] } {
  if (!permitted) return { inside: names, outside: [] }
  const networks = listOf(permitted.networks)
  const isInside = (name: string) =>
    isIP(name) === 0 ? permitted.dns.some((one) => covers(one, name.replace(/^\*\./, ''))) : networks.check(name, familyOf(name))
  return {
    inside: { dns: names.dns.filter(isInside), ip: names.ip.filter(isInside) },
    outside: [...names.dns, ...names.ip].filter((name) => !isInside(name)),
  }
}

/** The extension of a new authority: the local names and networks, and these names. */
export function constraintsFor(names: ServerNames): Extension {
  const { outside } = within({ dns: LOCAL_ENDS, networks: LOCAL_NETWORKS }, names)
  const dns = [...LOCAL_ENDS, ...outside.filter((name) => isIP(name) === 0)]
  const networks = [...LOCAL_NETWORKS, ...outside.filter((name) => isIP(name) !== 0).map((one) => `${one}/${isIP(one) === 6 ? 128 : 32}`)]
  const permittedSubtrees = new GeneralSubtrees([
    ...dns.map((dNSName) => new GeneralSubtree({ base: new GeneralName({ dNSName }) })),
    ...networks.map((iPAddress) => new GeneralSubtree({ base: new GeneralName({ iPAddress }) })),
  ])
  // critical: RFC 5280 asks for it, and a device that does not know it must not take the authority as an unlimited one
  return new Extension(OID, true, AsnConvert.serialize(new NameConstraints({ permittedSubtrees })))
}

/** What an authority may vouch for; undefined: everything (one from before there were limits). */
export function permittedOf(cert: string): Permitted | undefined {
  const found = new X509Certificate(new NodeCertificate(cert).raw).getExtension(OID)
  if (!found) return undefined
  const { permittedSubtrees = [] } = AsnConvert.parse(found.value, NameConstraints)
  const bases = [...permittedSubtrees].map(({ base }) => base)
  return { dns: bases.flatMap(({ dNSName }) => dNSName ?? []), networks: bases.flatMap(({ iPAddress }) => iPAddress ?? []) }
}
