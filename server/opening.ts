/**
 * Opens the gateway to the network, when everything behind it is ready, and knows where it is reached: its port, its name on the network, the page
 * that explains its certificate, the way in for the command line on this computer. The last part of the composition in `gateway.ts`.
 */
import type { Logger } from '../base/log.ts'
import type { Audit } from './audit/contract.ts'
import { type Auth, keepCliAccess, removeCliAccess } from './auth/index.ts'
import type { OnClose } from './closing.ts'
import type { Config } from './config.ts'
import type { RouteHandler } from './http/handler.ts'
import type { HttpServer } from './http/server.ts'
import { type Mdns, tellOnNetwork } from './mdns/index.ts'
import { networkRoutes } from './settings/network.ts'
import { isReachedByHttps, localNameWish, type Tls } from './tls/index.ts'
import { trustRoutes } from './tls/routes.ts'

/** Where it is reached. */
export interface Opened {
  /** Where browsers reach it. */
  readonly url: string
  /** Where it listens, also when the setting said 0. */
  readonly port: number
  /** The address that makes the first account, while there is none. */
  readonly setupUrl: string | undefined
  /** Absent where devices trust the certificate without our help. */
  readonly trust: { url: string; fingerprint: string } | undefined
  /** Routes that answer, for the test that walks them all. */
  readonly handlers: readonly RouteHandler[]
}

interface Opening {
  /** Address of the pages without a slash at the end; undefined before it is open. */
  readonly pages: string | undefined
  /** Serves these routes and those that tell of the way here. @throws UserError `port-taken` */
  open(routes: readonly RouteHandler[]): Promise<Opened>
}

export function createOpening(deps: {
  config: Config
  tls: Tls | undefined
  http: HttpServer
  auth: Auth
  audit: Audit
  /** Other hosts are told where this one is reached. */
  hosts: { setUrl(url: string): void }
  /** Where the command line on this computer finds this server. */
  cliAccessFile: string
  log: Logger
  onClose: OnClose
}): Opening {
  const { config, tls, http, auth, audit, hosts, cliAccessFile, log, onClose } = deps
  let at = { url: '', port: 0 }
  return {
    get pages() {
      return at.url.replace(/\/$/, '') || undefined
    },
    async open(routes) {
      let mdns: Mdns | undefined
      onClose('mdns', () => mdns?.close())
      const trust = trustRoutes({ tls, isHttps: isReachedByHttps(config), port: () => at.port, audit, localName: () => mdns?.name() })
      const network = networkRoutes({ config, tls, at: () => at })
      const handlers: readonly RouteHandler[] = [...routes, ...trust, ...network]
      const { url, localUrl, port } = await http.start(handlers)
      at = { url: config.publicUrl ?? url, port }
      const wish = localNameWish(config)
      if (tls && wish) mdns = tellOnNetwork({ wish, port, host: config.host, log, onName: (name) => tls.setLocalName(name) })
      const certificates = tls?.facts()
      // browsers know whoever gave one by ACME
      const authority = certificates?.acme?.state === 'good' ? undefined : certificates?.authority
      hosts.setUrl(config.hostUrl ?? config.publicUrl ?? url)
      // first at the end: no new work while the parts close
      onClose('http', () => http.close())
      const leaveCliAccess = await keepCliAccess(cliAccessFile, { url: localUrl, token: auth.localToken }, (error) =>
        log.error({ err: error }, 'the command line cannot find this server before the disk has room'),
      )
      onClose('cli access', () => {
        leaveCliAccess()
        return removeCliAccess(cliAccessFile, auth.localToken)
      })
      const code = await auth.setupCode()
      const publicUrl = config.publicUrl?.replace(/\/$/, '') ?? url
      return {
        url: publicUrl,
        port,
        setupUrl: code === undefined ? undefined : `${publicUrl}/setup?code=${code}`,
        trust: authority && { url: `${url.replace(/^https/, 'http')}/trust`, fingerprint: authority.fingerprint },
        handlers,
      }
    },
  }
}
