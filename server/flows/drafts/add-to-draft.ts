/** Something is brought into the draft of a person, beside what they have drawn. */
import { UserError } from '../../../base/errors.ts'
import { type FlowChanges, type FlowDraft, getDraft, saveDraft } from '../../api/index.ts'
import type { Caller } from '../../auth/caller.ts'
import type { InProcess } from '../../http/in-process.ts'

/**
 * @param base the flows that `changes` were made from
 * @throws UserError draft-behind (409) when the draft began from others or changes the same nodes, draft-stale
 */
export async function addToDraft(
  call: InProcess,
  { base, changes, caller }: { base: FlowDraft['base']; changes: Pick<FlowChanges, 'put' | 'removed'>; caller: Caller },
): Promise<void> {
  const { draft } = await call(getDraft, { caller })
  const behind = (message: string) => new UserError({ code: 'draft-behind', status: 409, message: `${message} Nothing was changed.` })
  if (draft && draft.base.rev !== base.rev)
    throw behind('Your draft began before the last deploy. Open the designer, which brings the two together, then import again.')
  const drawn: FlowChanges = draft?.changes ?? { put: [], removed: [] }
  const ours = new Set([...changes.put.map(({ id }) => id), ...changes.removed])
  if ([...drawn.put.map(({ id }) => id), ...drawn.removed].some((id) => ours.has(id)))
    throw behind('Your draft changes the same nodes as this import. Deploy or drop the draft first.')
  const both = { put: [...drawn.put, ...changes.put], removed: [...drawn.removed, ...changes.removed], ...(drawn.order ? { order: drawn.order } : {}) }
  await call(saveDraft, { caller, body: { base, changes: both, after: draft?.revision ?? 0 } })
}
