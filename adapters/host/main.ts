/** The connector host process: runs the connections to outside systems, away from gateway and flows. */
import { underLauncher } from '../../base/child.ts'
import { createLog } from '../../base/log.ts'
import { checker } from '../../base/schema.ts'
import { HostInit } from '../host-contract.ts'
import { containFaults, type GatewayLink, serveGateway } from './gateway-link.ts'

const log = createLog('connector-host')
let link: GatewayLink | undefined
const end = async () => link?.close()

const launcher = await underLauncher({ onShutdown: end, onLauncherGone: end })
const { gatewaySocket, gatewayToken } = checker(HostInit).parse(launcher.init, 'What the launcher passed')
link = serveGateway({ socket: gatewaySocket, token: gatewayToken, log })
containFaults(link)
launcher.ready()
