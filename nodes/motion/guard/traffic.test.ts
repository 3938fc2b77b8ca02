import { expect, test } from 'vitest'
import { Traffic } from './traffic.ts'

test('keeps the latest thousand lines with their numbers, and gives those after one', () => {
  const traffic = new Traffic()
  for (let i = 1; i <= 2500; i += 1) traffic.add('sent', `X${i}`, 'Anna')
  const all = traffic.since(0)
  expect(all).toHaveLength(1000)
  expect(all[0]).toMatchObject({ seq: 1501, text: 'X1501', by: 'Anna' })
  expect(all.at(-1)).toMatchObject({ seq: 2500, text: 'X2500' })
  expect(traffic.since(2498).map(({ seq }) => seq)).toEqual([2499, 2500])
  expect(traffic.since(2500)).toEqual([])
})

test('leaves status reports out and cuts a line that never ends', () => {
  const traffic = new Traffic()
  traffic.received('<Idle|MPos:0,0,0>')
  traffic.received('x'.repeat(1000))
  expect(traffic.since(0)).toMatchObject([{ seq: 1, direction: 'received', text: 'x'.repeat(256) }])
})
