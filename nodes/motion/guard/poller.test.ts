import { expect, onTestFinished, test } from 'vitest'
import { createPoller } from './poller.ts'

/** This process does nothing for a while, as when the host was asleep. */
function sleep(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}

function polled(isAnswered: () => boolean) {
  let silences = 0
  // what comes from outside is read behind the timers that are due
  const { port1, port2 } = new MessageChannel()
  port2.onmessage = () => poller.answered()
  onTestFinished(() => port1.close())
  const poller = createPoller({
    ask: () => isAnswered() && port1.postMessage('report'),
    intervalMs: () => 20,
    waitingIntervalMs: 10,
    silenceMs: () => 300,
    onSilence: () => {
      silences += 1
    },
  })
  onTestFinished(() => poller.stop())
  return { poller, silences: () => silences }
}

test('nobody who answers nothing is taken for there', async () => {
  const { silences } = polled(() => false)
  await expect.poll(silences).toBe(1)
})

test('answers that came while this process slept are read before anybody is taken for silent', async () => {
  const { poller, silences } = polled(() => true)
  await new Promise((resolve) => setImmediate(resolve))
  for (let i = 0; i < 3; i += 1) poller.now()
  sleep(1000)
  await new Promise((resolve) => setImmediate(resolve))
  await poller.fresh()
  expect(silences()).toBe(0)
})
