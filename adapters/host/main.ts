/** The connector host process: runs the connections to outside systems, away from gateway and flows. */
import { underLauncher } from '../../base/child.ts'
import { createLog } from '../../base/log.ts'
import { checker } from '../../base/schema.ts'
import { HostInit } from '../host-contract.ts'
import { type GatewayLink, serveGateway } from './gateway-link.ts'

const log = createLog('connector-host')
let link: GatewayLink | undefined
const end = async () => link?.close()

process.on('uncaughtException', (error) => link?.contain(error) ?? log.error({ err: error }, 'an error that nobody caught'))
process.on('unhandledRejection', (error) => link?.contain(error) ?? log.error({ err: error }, 'a failure that nobody caught'))

const launcher = await underLauncher({ onShutdown: end, onLauncherGone: end })
const { gatewaySocket, gatewayToken } = checker(HostInit).parse(launcher.init, 'What the launcher passed')
link = serveGateway({ socket: gatewaySocket, token: gatewayToken, log })
launcher.ready()
