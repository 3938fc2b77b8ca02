/** What deploys ask of the protection of flows. */
import { UserError } from '../../../base/errors.ts'
import type { FlowNode } from '../../api/index.ts'
import type { Caller } from '../../auth/caller.ts'
import type { DeployRequest } from '../contract.ts'
import type { CurrentFlows } from '../versions.ts'

/** What a second person has said yes to. */
export interface Approval {
  requestId: string
  /** Who approved. */
  by: Caller
  flows: readonly FlowNode[]
}

interface CredentialSets {
  before: Readonly<Record<string, unknown>>
  after: Readonly<Record<string, unknown>>
}

export interface Protection {
  /** The protected flows that a change touches, by id with their names. */
  touched(change: {
    before: readonly FlowNode[]
    after: readonly FlowNode[]
    credentials?: DeployRequest['credentials']
    /** Whole sets of credentials, asked for only where something is protected. */
    sets?: () => Promise<CredentialSets | undefined>
  }): Promise<Map<string, string>>
  /** Keeps a change until somebody decides. @throws UserError change-requested, always; request-needs-person */
  ask(request: DeployRequest, touched: ReadonlyMap<string, string>, before: CurrentFlows, caller: Caller): Promise<never>
}

/** For sentences. */
export const namesOf = (touched: ReadonlyMap<string, string>) => [...touched.values()].map((name) => `"${name}"`).join(', ')
/** For ways that cannot ask. */
export const flowProtected = (touched: ReadonlyMap<string, string>, what: string) =>
  new UserError({
    code: 'flow-protected',
    status: 403,
    message: `A change of ${namesOf(touched)} takes the yes of a second person. ${what} Nothing was changed.`,
    details: { flows: [...touched].map(([id, name]) => ({ id, name })) },
  })
