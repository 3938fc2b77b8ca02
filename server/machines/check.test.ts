import { expect, it } from 'vitest'
import { checkOn } from './check.ts'

it.each([
  [{ kind: 'virtual', timeScale: 10 }, 12],
  [{ kind: 'virtual', timeScale: 0.5 }, 240],
  [{ kind: 'serial', path: '/dev/ttyUSB0' }, 120],
])('of a program of two minutes on %j the time that will really pass is %i s', async (link, seconds) => {
  const machines = { get: () => ({ link }), guard: () => ({ call: async () => ({ isRunnable: true, estimateS: 120 }) }) } as never
  expect(await checkOn(machines, 'mill', { path: '/p', sha256: 'x' })).toMatchObject({ isRunnable: true, estimateS: seconds })
})
