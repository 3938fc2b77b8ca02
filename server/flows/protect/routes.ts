/** Protection and change requests over the API. */
import {
  approveChange,
  getChangeRequest,
  listChangeRequests,
  listProtected,
  protectFlow,
  refuseChange,
  unprotectFlow,
  withdrawChange,
} from '../../api/index.ts'
import { handle, type RouteHandler } from '../../http/handler.ts'
import type { ProtectPart } from './index.ts'

export const protectRoutes = (part: ProtectPart): RouteHandler[] => [
  handle(listProtected, () => part.protections()),
  handle(protectFlow, async ({ params, caller }) => {
    await part.protect(params.flowId, caller)
    const found = (await part.protections()).find(({ flowId }) => flowId === params.flowId)
    if (!found) throw new Error('a flow that was protected is not in the list')
    return found
  }),
  handle(unprotectFlow, ({ params, body, caller }) => part.askToUnprotect(params.flowId, body.reason, caller)),
  handle(listChangeRequests, ({ query, caller }) => part.list(caller, query)),
  handle(getChangeRequest, ({ params, caller }) => part.get(params.requestId, caller)),
  handle(approveChange, ({ params, body, caller }) => part.approve(params.requestId, body, caller)),
  handle(refuseChange, ({ params, body, caller }) => part.refuse(params.requestId, body.reason, caller)),
  handle(withdrawChange, ({ params, caller }) => part.withdraw(params.requestId, caller)),
]
