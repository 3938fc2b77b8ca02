/** How this host is on the network. Read-only: it is the environment of the host that decides it. */
import { getNetwork } from '../api/index.ts'
import { type Config, SETTINGS } from '../config.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import { isReachedByHttps, ownAddresses, serverNames, type Tls } from '../tls/index.ts'
import { isLoopbackHost } from '../tls/mode.ts'

const DECIDING = [
  'host',
  'port',
  'tls',
  'tlsCert',
  'tlsKey',
  'tlsNames',
  'mdnsName',
  'acmeDomains',
  'acmeDirectory',
  'acmeChallenge',
  'acmeHttpPort',
  'publicUrl',
  'trustedProxy',
] as const satisfies (keyof typeof SETTINGS)[]

/** @param deps.at where it listens, known when it does */
export function networkRoutes({ config, tls, at }: { config: Config; tls: Tls | undefined; at: () => { url: string; port: number } }): RouteHandler[] {
  return [
    handle(getNetwork, () => {
      const facts = tls?.facts()
      const { url, port } = at()
      const named = (config.trustedProxy ?? '').split(',').map((one) => one.trim())
      return {
        url,
        host: config.host,
        port,
        addresses: [...ownAddresses()],
        isOpen: !isLoopbackHost(config.host),
        certificate: facts ? (facts.authority ? ('own' as const) : ('given' as const)) : isReachedByHttps(config) ? ('proxy' as const) : ('none' as const),
        names: facts?.names ?? [],
        ...(facts ? { endsAt: facts.endsAt } : {}),
        ...(facts?.trouble === undefined ? {} : { trouble: facts.trouble }),
        allowedHosts: (tls ? tls.names() : serverNames(config)).dns,
        trustedProxies: config.trustedProxy ? named.filter(Boolean) : config.publicUrl ? ['127.0.0.1', '::1'] : [],
        variables: DECIDING.map((key) => {
          const { env, defaultText, meaning } = SETTINGS[key]
          const value = config[key]
          const isUsual = value === undefined || String(value) === defaultText
          return { name: env, ...(isUsual ? {} : { value: String(value) }), ...(value === undefined ? {} : { usual: defaultText }), meaning }
        }),
      }
    }),
  ]
}
