/** What is asked of a deploy before anything is done with it, and what goes along. */
import { UserError } from '../../base/errors.ts'
import { type FlowNode, finding } from '../api/index.ts'
import type { DeployRequest } from './contract.ts'
import type { CurrentFlows } from './versions.ts'

/** Node-RED would drop a password for nobody without a word. @throws UserError flows-invalid */
export function requireOwners(flows: readonly FlowNode[], credentials: DeployRequest['credentials']): void {
  if (!credentials) return
  const ids = new Set(flows.map(({ id }) => id))
  const problems = Object.keys(credentials)
    .filter((id) => !ids.has(id))
    .map((id) => {
      const { code, params, sentence } = finding('credentials-of-nobody', {})
      return { nodeId: id, message: `${JSON.stringify(id)} ${sentence}`, code, params }
    })
  const [first] = problems
  if (first) throw new UserError({ code: 'flows-invalid', status: 422, message: `${first.message} Nothing was changed.`, details: { problems } })
}

/** What is typed in a dialog counts before what an import brought. */
export function withArriving(given: DeployRequest['credentials'], arriving: DeployRequest['credentials']): DeployRequest['credentials'] {
  if (!arriving || Object.keys(arriving).length === 0) return given
  const both = { ...arriving }
  for (const [id, set] of Object.entries(given ?? {})) both[id] = { ...both[id], ...set }
  return both
}

/** @throws UserError version-mismatch */
export function requireSameRev(rev: string, now: CurrentFlows): void {
  if (rev === now.rev) return
  throw new UserError({
    code: 'version-mismatch',
    status: 409,
    message: 'The flows were changed by somebody else in the meantime. Load the current flows, bring in your change and deploy again.',
    details: { rev: now.rev },
  })
}

/** In production nothing changes without a word why. @throws UserError reason-missing */
export function requireReason(isAsked: boolean, comment: string | undefined, isStockEditor = false): void {
  if (!isAsked || (comment ?? '').trim().length >= LEAST_REASON) return
  const how = isStockEditor ? 'The stock editor cannot give one: deploy it in the designer.' : 'Say why, then deploy again.'
  throw new UserError({
    code: 'reason-missing',
    status: 422,
    message: `This is the production installation: a deploy needs a reason. ${how} Nothing was changed.`,
  })
}
const LEAST_REASON = 3
