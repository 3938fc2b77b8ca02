/** For tests in which a machine chooses itself, since there is only one: what others left in a product that is shared. */
import { listMachines, removeMachine, stopMachine } from '../../server/api/index.ts'
import type { Client } from '../../server/cli/client.ts'
import { until } from '../product.ts'

/** Removes every machine but the demo shop's, whatever it does. */
export async function keepOnlyDemoMachine(client: Client): Promise<void> {
  await until('the machines of others to be gone', 30_000, async () => {
    const left = (await client.call(listMachines, {})).filter(({ id }) => id !== 'demo-mill')
    for (const { id: machineId } of left) {
      // one that works on a program is not removed
      await client.call(stopMachine, { params: { machineId }, body: { hard: false } }).catch(() => {})
      await client.call(removeMachine, { params: { machineId } })
    }
    return left.length === 0 || undefined
  })
}
