/** Node-RED's settings in this product. */
import type { CellwrightServices } from '../../nodes/services.ts'
import type { GatewayLink } from './gateway-link.ts'
import { ADMIN_ROOT, TOKEN_HEADER } from './ways.ts'

export function nodeRedSettings(options: {
  userDir: string
  nodesDirs: string[]
  storageModule: object
  services: CellwrightServices
  link: GatewayLink
  allowedModules: string[]
  isSafeMode: boolean
  /** For a rehearsal: nothing can be installed, and Node-RED starts no npm to find out. */
  isShadow: boolean
}): Record<string, unknown> {
  const { userDir, nodesDirs, storageModule, services, link, allowedModules, isSafeMode, isShadow } = options
  return {
    userDir,
    nodesDir: nodesDirs,
    storageModule,
    // ours: found by our nodes as RED.settings.cellwright
    cellwright: services,
    httpAdminRoot: ADMIN_ROOT,
    // `/dashboard` is then the same path on both sides; the proxy keeps flow endpoints below /hooks
    httpNodeRoot: '/',
    disableEditor: false,
    // the gateway seals the whole set with authentication, which Node-RED's own encryption lacks; no key lives here
    credentialSecret: false,
    adminAuth: {
      tokenHeader: TOKEN_HEADER,
      tokens: async (token: string) => {
        const user = await link.call('whois', { token })
        return user ? { ...user, ticket: token } : null
      },
    },
    ...(isSafeMode ? { safeMode: true } : {}),
    apiMaxLength: '20mb',
    flowFilePretty: false,
    functionExternalModules: false,
    functionTimeout: 0,
    externalModules: {
      autoInstall: false,
      palette: {
        allowInstall: !isShadow,
        allowUpdate: !isShadow,
        allowUpload: false,
        // an empty deny list would permit everything; these lists also decide what is loaded
        denyList: ['*'],
        allowList: allowedModules,
        denyUpdateList: ['*'],
        allowUpdateList: allowedModules,
      },
      modules: { allowInstall: false, denyList: ['*'], allowList: [] },
    },
    contextStorage: {
      default: { module: 'localfilesystem', config: { flushInterval: 10 } },
      memory: { module: 'memory' },
    },
    // records go to the handlers that main.ts adds; a handler of Node-RED's own costs an event emitter a record
    logging: { none: {} },
    telemetry: { enabled: false },
    tours: false,
    diagnostics: { enabled: true, ui: false },
    runtimeState: { enabled: false, ui: false },
    editorTheme: {
      page: { title: 'Cellwright: stock editor' },
      header: { title: 'Cellwright' },
      tours: false,
      userMenu: false,
      projects: { enabled: false },
      multiplayer: { enabled: false },
      palette: { catalogues: [] },
      menu: { 'menu-item-help': { label: 'Designer', url: '/' } },
      codeEditor: { lib: 'monaco' },
    },
    exportGlobalContextKeys: false,
    functionGlobalContext: {},
    dashboard: {
      // the default refuses sockets that come without polling first; whoever reaches this socket was checked by the gateway
      ioMiddleware: (_socket: unknown, next: () => void) => next(),
    },
  }
}
