import { expect, it } from 'vitest'
import { createLog } from '../../base/log.ts'
import { createStepServices } from './step-services.ts'

it('the gateway hears of the runs that go on here before it is told that steps may go on', async () => {
  const told: string[] = []
  const steps = createStepServices({
    link: {
      isConnected: true,
      onConnection: () => () => {},
      callPatiently: async (method: string) => {
        told.push(method)
        return []
      },
    } as never,
    tracing: () => ({ flush: () => void told.push('runs') }) as never,
    log: createLog('test', 'silent'),
    stopRuns: () => {},
  })
  steps.ready()
  await expect.poll(() => told).toEqual(['runs', 'stepsReady'])
})
