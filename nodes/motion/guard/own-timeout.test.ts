import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { MessageChannel, Worker } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import { ownLimit, ownPause, ownTimeout } from './own-timeout.ts'

/** This process does nothing for a while, as when the host was asleep. */
function sleep(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}

test('comes after its time, once, and not when it was given up', async () => {
  const since = performance.now()
  const came: number[] = []
  ownTimeout(() => came.push(performance.now() - since), 120)
  const giveUp = ownTimeout(() => came.push(-1), 20)
  giveUp()
  await expect.poll(() => came.length).toBe(1)
  expect(came[0]).toBeGreaterThan(119)
  await pause(100)
  expect(came).toHaveLength(1)
})

test.each([100, 400])('what came while this process slept is read before a limit of %d ms is over', async (ms) => {
  const other = new Worker("require('node:worker_threads').parentPort.on('message', (m) => m.postMessage('said'))", { eval: true })
  onTestFinished(() => void other.terminate())
  await once(other, 'online')
  const { port1, port2 } = new MessageChannel()
  onTestFinished(() => port1.close())
  const order: string[] = []
  port1.on('message', () => order.push('said'))
  ownTimeout(() => order.push('limit'), ms)
  other.postMessage(port2, [port2])
  sleep(1000)
  await expect.poll(() => order).toEqual(['said', 'limit'])
})

test('a limit is over after its time, and never when it was ended', async () => {
  const since = performance.now()
  const limit = ownLimit(120)
  const ended = ownLimit(20)
  ended.end()
  expect(limit.isOver).toBe(false)
  await expect.poll(() => limit.isOver).toBe(true)
  expect(performance.now() - since).toBeGreaterThan(119)
  expect(ended.isOver).toBe(false)
})

test('a limit is not over in the moment after this process slept through it', async () => {
  const limit = ownLimit(400)
  sleep(1000)
  // the timers that were due in the sleep have run
  await pause(1)
  expect(limit.isOver).toBe(false)
  await expect.poll(() => limit.isOver).toBe(true)
})

test('a pause takes its time', async () => {
  const since = performance.now()
  await ownPause(120)
  expect(performance.now() - since).toBeGreaterThan(119)
})
