/** When the service manager's watchdog is fed, and when it is left to bite. */
import { expect, test } from 'vitest'
import type { Told } from './service-manager.ts'
import { beatFor, createPatience, keepBeating } from './watchdog.ts'

const minutes = (count: number) => count * 60_000

test('a gateway that is being started again has time; then patience ends', () => {
  const look = createPatience({ patienceMs: minutes(5), steadyMs: 30_000 })
  expect(look(true, 0)).toBe('well')
  expect(look(false, 1000)).toBe('patient')
  expect(look(false, minutes(5))).toBe('patient')
  expect(look(false, minutes(5) + 1000)).toBe('exhausted')
  expect(look(true, minutes(6))).toBe('well')
})

test('one that comes back and dies again and again has not come back', () => {
  const look = createPatience({ patienceMs: minutes(5), steadyMs: 30_000 })
  look(false, 0)
  for (let at = 10_000; at < minutes(5); at += 10_000) {
    look(true, at)
    look(false, at + 1000)
  }
  expect(look(false, minutes(5) + 1000)).toBe('exhausted')
  // one that stays is back
  look(true, minutes(6))
  look(true, minutes(7))
  expect(look(false, minutes(8))).toBe('patient')
})

test('while a machine is not at rest, nothing is ended; at rest, everything begins anew', async () => {
  const atRest = async () => true
  const atWork = async () => false
  expect(await beatFor('well', atWork)).toBe('Runs.')
  expect(await beatFor('patient', atRest)).toContain('started again')
  expect(await beatFor('exhausted', atWork)).toContain('not at rest')
  expect(await beatFor('exhausted', atRest)).toBeUndefined()
})

test('beats from what it finds, and complains once when it falls silent', async () => {
  const told: Told[] = []
  const complaints: string[] = []
  let isRunning = true
  let areAtRest = false
  const stop = keepBeating({
    manager: { watchdogMs: 20, tell: (what) => void told.push(what), told: Promise.resolve() },
    watched: { isGatewayRunning: () => isRunning, areMachinesAtRest: async () => areAtRest },
    complain: (text) => complaints.push(text),
    timings: { patienceMs: 0, steadyMs: 0 },
  })
  await expect.poll(() => told.at(-1)).toEqual({ WATCHDOG: '1', STATUS: 'Runs.' })
  isRunning = false
  await expect.poll(() => told.at(-1)?.STATUS).toContain('not at rest')
  expect(complaints).toEqual([])
  areAtRest = true
  await expect.poll(() => complaints.length).toBe(1)
  const count = told.length
  // it looks on, and has nothing good to say
  isRunning = true
  await expect.poll(() => told.length).toBeGreaterThan(count)
  expect(told.slice(count).every(({ STATUS }) => STATUS === 'Runs.')).toBe(true)
  stop()
})
