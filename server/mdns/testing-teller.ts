/** Tells the network of this process by mDNS, for tests in a network of their own: prints each name it has got; ends, with its goodbye, when its input does. */
import { createLog } from '../../base/log.ts'
import { tellOnNetwork } from './index.ts'

const [wish = 'cellwright', title = 'Cellwright test'] = process.argv.slice(2)
const mdns = tellOnNetwork({ wish, title, host: '0.0.0.0', port: 8470, log: createLog('test', 'silent'), onName: (name) => console.log(name) })
process.stdin.on('end', () => void mdns.close().then(() => process.exit(0)))
process.stdin.resume()
