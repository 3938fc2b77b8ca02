/** What lets several people work on flows: drafts apart from what runs, presence, and the deploy under way. */
import { dropDraft, getDraft, leavePresence, saveDraft, tellPresence } from '../../api/index.ts'
import { handle, type RouteHandler } from '../../http/handler.ts'
import type { Drafts } from './drafts.ts'
import type { Presence } from './presence.ts'

export { addToDraft } from './add-to-draft.ts'
export { createDrafts } from './drafts.ts'
export { createPresence } from './presence.ts'
export { createProgress } from './progress.ts'

export function togetherRoutes({ drafts, presence }: { drafts: Drafts; presence: Presence }): RouteHandler[] {
  return [
    handle(getDraft, async ({ caller }) => ({ draft: (await drafts.get(caller.userId)) ?? null })),
    handle(saveDraft, ({ body, caller }) => drafts.save(caller.userId, body)),
    handle(dropDraft, async ({ query, caller }) => {
      await drafts.drop(caller.userId, query.after)
      return {}
    }),
    handle(tellPresence, ({ params, body, caller }) => {
      presence.tell(params.client, caller, body)
      return {}
    }),
    handle(leavePresence, ({ params, caller }) => {
      presence.leave(params.client, caller.userId)
      return {}
    }),
  ]
}
