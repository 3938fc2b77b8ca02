/** The gateway process: a life under the launcher around the parts that gateway.ts puts together. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Type } from 'typebox'
import { underLauncher } from '../base/child.ts'
import { messageOf, UserError } from '../base/errors.ts'
import { createLog } from '../base/log.ts'
import { checker } from '../base/schema.ts'
import packageJson from '../package.json' with { type: 'json' }
import type { Config } from './config.ts'
import { type Gateway, startGateway } from './gateway.ts'
import type { GatewayInit, GatewayReady } from './launcher/contract.ts'

const Text = Type.String({ minLength: 1 })
const gatewayInit = checker(
  Type.Unsafe<GatewayInit>(
    Type.Object({
      config: Type.Unsafe<Config>(Type.Object({ host: Text, port: Type.Integer(), dataDir: Text, maxLoginTriesPerMinute: Type.Integer() })),
      runDir: Text,
      database: Text,
      isEmbeddedDatabase: Type.Boolean(),
      processToken: Text,
      guardToken: Text,
      runtimeSocket: Text,
      connectorSocket: Text,
      runtimeHttpSocket: Text,
    }),
  ),
)

/** Beside the bundle in dist/, or there from the sources. */
function pagesDir(): string {
  const built = join(import.meta.dirname, 'pages')
  return existsSync(built) ? built : join(import.meta.dirname, '..', 'dist', 'pages')
}

const log = createLog('gateway')
let gateway: Gateway | undefined
/** The launcher may say more before the parts are there to hear it. */
const earlyNotes: unknown[] = []

const close = async () => {
  await gateway?.close()
}
const launcher = await underLauncher({ onShutdown: close, onLauncherGone: close })
launcher.onNote((note) => {
  if (gateway) gateway.takeNote(note)
  else earlyNotes.push(note)
})
try {
  const init = gatewayInit.parse(launcher.init, 'What the launcher passed to the gateway')
  gateway = await startGateway({
    init,
    log,
    version: packageJson.version,
    pagesDir: pagesDir(),
    templatesDir: join(import.meta.dirname, '..', 'flows'),
    tellLauncher: (note) => launcher.note(note),
  })
  for (const note of earlyNotes.splice(0)) gateway.takeNote(note)
  launcher.ready({
    url: gateway.url,
    port: gateway.port,
    ...(gateway.setupUrl ? { setupUrl: gateway.setupUrl } : {}),
    ...(gateway.trust ? { trust: gateway.trust } : {}),
  } satisfies GatewayReady)
  log.info({ url: gateway.url }, 'gateway ready')
} catch (error) {
  log.fatal({ err: error }, 'the gateway could not start')
  // a person must act: the launcher need not try again
  if (error instanceof UserError) launcher.failed(messageOf(error), error.code)
  // the pipe is written before the process ends
  setTimeout(() => process.exit(1), 100)
}
