/**
 * What of the stock editor the designer's dialogs may ask for (`/stock`, which is `/red` in the runtime). A dialog reads
 * forms, texts and pictures; what it changes goes back to the designer's page and is deployed by our own route alone. So
 * this way never writes, except that somebody who may use the stock editor anyway may save into its library.
 */
import type { IncomingMessage } from 'node:http'
import { UserError } from '../../base/errors.ts'
import { CAPABILITIES, type Capability, type FlowNode } from '../api/index.ts'
import { notAllowed } from '../http/problem.ts'
import { neededCapability } from './fence.ts'

/** What every dialog needs: the page, its scripts, styles and texts, the nodes' forms, pictures. Nothing of the flows. */
const FOR_EVERYBODY = [
  /^\/?$/,
  // answered by the runtime's front with no flows at all: the page gives the dialog what is on the screen
  /^\/flows$/,
  /^\/(theme|settings|settings\/user|favicon\.ico)$/,
  /^\/(red|vendor|types|theme|locales|icons|resources|debug\/view|core)\//,
  /^\/(icons|nodes|nodes\/messages|plugins|plugins\/messages)$/,
  /^\/(nodes|plugins)\/.+\/messages$/,
]

/** Never, whatever the person may do elsewhere: flows and values of the running system, and people's sessions. */
const FOR_NOBODY = /^\/(flow|flows|context|auth|projects|diagnostics)(\/|$)/i

/** `/credentials/<type with dashes>/<node id>`: names and addresses that go with a secret; never the secret itself. */
const CREDENTIALS = /^\/credentials\/([^/]+)\/([^/]+)$/

const refused = () =>
  new UserError({
    code: 'stock-read-only',
    status: 403,
    message: 'A node’s dialog cannot change anything on the server. What is done in it stands in the designer, and runs after a deploy there.',
  })

export interface StockRules {
  /** A node of the deployed flows. */
  deployedNode: (id: string) => Promise<FlowNode | undefined>
}

/** What is to be done with a request: pass it on, or answer it here with these stored credentials, which are none. */
export type StockVerdict = 'pass' | 'no-credentials'

/**
 * @param inner path inside the stock editor, decoded, without query: `/nodes`
 * @throws UserError not-allowed, stock-read-only (403)
 */
export async function judgeStock(
  { method = 'GET' }: Pick<IncomingMessage, 'method'>,
  inner: string,
  capabilities: ReadonlySet<Capability>,
  { deployedNode }: StockRules,
): Promise<StockVerdict> {
  const mayCode = capabilities.has('flows.code')
  if (method !== 'GET' && method !== 'HEAD') {
    if (mayCode && method === 'POST' && /^\/library\/[^/]+\/[^/]+\/./.test(inner)) return 'pass'
    throw refused()
  }
  if (FOR_EVERYBODY.some((path) => path.test(inner))) return 'pass'
  if (FOR_NOBODY.test(inner)) throw refused()
  const [, dashedType, id] = CREDENTIALS.exec(inner) ?? []
  if (dashedType !== undefined && id !== undefined) {
    if (!capabilities.has('flows.deploy')) throw notAllowed(CAPABILITIES['flows.deploy'])
    const node = await deployedNode(id)
    if (!node) return 'no-credentials'
    // Node-RED takes the kind of credentials from the address: another type's would show more than its own
    if (node.type.replace(/\s+/g, '-') !== dashedType && !isContainer(node.type, dashedType)) throw refused()
    if (!mayCode && neededCapability(node.type) !== 'flows.deploy') throw notAllowed(CAPABILITIES['flows.code'])
    return 'pass'
  }
  // what a palette module answers to its own dialog (serial ports, tables): whoever may use the stock editor
  if (!mayCode) throw notAllowed(CAPABILITIES['flows.code'])
  return 'pass'
}

/** An instance of a subflow asks as `subflow`. Of these only which names are set is told. */
const isContainer = (type: string, asked: string) => asked === 'subflow' && type.startsWith('subflow:')
