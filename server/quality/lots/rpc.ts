/** Lots as flows ask for them. */
import type { RpcParams, RpcResult } from '../../../base/rpc.ts'
import type { Lot } from '../../api/index.ts'
import type { gatewayRpc } from '../../runtime/contract.ts'
import type { LotsCore, LotsDeps } from './contract.ts'
import { lotsOf } from './read.ts'
import { noLot } from './refusals.ts'

type Ask<Name extends 'beginLot' | 'judgeLot'> = RpcParams<typeof gatewayRpc, Name>
type LotNow = RpcResult<typeof gatewayRpc, 'beginLot'>

export function samplingRequests({ db, work }: Pick<LotsDeps, 'db'> & { work: LotsCore }) {
  const newest = async (planId: string, number: string) => (await lotsOf(db, { planId, number, limit: 1 }))[0]
  return {
    async beginLot({ planId, entryId, number, size, isResubmission, workOrder, runId, nodeId }: Ask<'beginLot'>): Promise<LotNow> {
      const open = await newest(planId, number)
      if (open?.state === 'open' && open.size === size) return lotNow(open)
      const more = { ...(workOrder === undefined ? {} : { workOrder }), ...(runId === undefined ? {} : { runId }), nodeId }
      return lotNow(await work.begin({ planId, entryId, number, size, isResubmission, ...more }, FLOW))
    },
    lotNow: async ({ lotId }: { lotId: string }): Promise<LotNow> => lotNow(await work.lot(lotId)),
    async judgeLot({ planId, entryId, number, nonconforming, by, runId }: Ask<'judgeLot'>): Promise<LotNow> {
      const lot = await newest(planId, number)
      if (!lot) throw noLot()
      const finding = { entryId, nonconforming, defects: [], ...(runId === undefined ? {} : { runId }) }
      return lotNow(await work.judge(lot.id, finding, by === undefined ? FLOW : { name: by }))
    },
  }
}

const FLOW = { name: 'Flow' }

function lotNow({ id, number, planName, size, state, sampling, result, withdrawn }: Lot): LotNow {
  const { sample, isWholeLot, accept, reject, severity, codeLetter } = sampling
  return {
    lotId: id,
    lot: number,
    plan: planName,
    size,
    state,
    sample,
    isWholeLot,
    accept,
    reject,
    severity,
    codeLetter,
    ...(result
      ? {
          by: result.by,
          nonconforming: result.nonconforming,
          nextSeverity: result.isDiscontinued ? 'discontinued' : result.severityAfter,
          ...(result.switchReason ? { switchReason: result.switchReason } : {}),
        }
      : {}),
    ...(withdrawn ? { by: withdrawn.by, reason: withdrawn.reason } : {}),
  }
}
