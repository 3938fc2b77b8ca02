/** Measurements, kept with the run that took them. Control charts and sampling are built on these rows. */
import { newId } from '../../base/ids.ts'
import type { RpcParams } from '../../base/rpc.ts'
import type { Runs } from '../runs/contract.ts'
import type { gatewayRpc } from '../runtime/contract.ts'
import type { Store } from '../store/index.ts'

type Measurement = RpcParams<typeof gatewayRpc, 'recordMeasurement'>

export interface QualityPart {
  rpc: { requests: { recordMeasurement(measurement: Measurement): Promise<{ id: string }> } }
}

export function createQuality(deps: { store: Store; runs: Pick<Runs, 'linkOnce'> }): QualityPart {
  const { store, runs } = deps
  return {
    rpc: {
      requests: {
        async recordMeasurement(measurement) {
          const { id = newId('msr'), runId, workOrder, partSerial, by, ...rest } = measurement
          await store.db
            .insertInto('measurement')
            .values({ ...rest, id, runId: runId ?? null, workOrder: workOrder ?? null, partSerial: partSerial ?? null, by: by ?? null })
            // asked again, since the answer was lost
            .onConflict((conflict) => conflict.column('id').doNothing())
            .execute()
          if (runId !== undefined) await runs.linkOnce(runId, { kind: 'measurement', id, text: inWords(measurement) })
          return { id }
        },
      },
    },
  }
}

/** `bore diameter 12.01 mm in tolerance`, or with the limits that it missed. */
function inWords({ characteristic, value, unit, isInTolerance, lower, upper }: Measurement): string {
  const measured = `${characteristic} ${value}${unit ? ` ${unit}` : ''}`
  return isInTolerance ? `${measured} in tolerance` : `${measured} out of tolerance (${lower} to ${upper})`
}
