/** Readings as flows bring them. */
import type { RpcParams, RpcResult } from '../../../base/rpc.ts'
import type { gatewayRpc } from '../../runtime/contract.ts'
import type { StudyWork } from './work.ts'

type Ask = RpcParams<typeof gatewayRpc, 'addStudyReading'>
type Answer = RpcResult<typeof gatewayRpc, 'addStudyReading'>

export function studyRequests({ work }: { work: StudyWork }) {
  return {
    async addStudyReading({ studyId, entryId, value, unit, appraiser, runId }: Ask): Promise<Answer> {
      const more = { ...(unit === undefined ? {} : { unit }), ...(appraiser === undefined ? {} : { appraiser }), ...(runId === undefined ? {} : { runId }) }
      const { reading, readings, of } = await work.addNext(studyId, { entryId, value, source: 'flow', ...more }, { name: appraiser ?? 'Flow' })
      const { part, appraiser: at, trial } = reading
      return { part, appraiser: at, trial, value: reading.value, readings, of }
    },
  }
}
