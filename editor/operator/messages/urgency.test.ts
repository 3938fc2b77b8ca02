import { expect, it } from 'vitest'
import type { PanelMessage } from '../../../server/api/panel.ts'
import { byUrgency, callsOut } from './urgency.ts'

const message = (id: string, more: Partial<PanelMessage>): PanelMessage => ({
  id,
  kind: 'flow',
  priority: 'info',
  title: id,
  at: `2026-01-01T10:00:0${id}.000Z`,
  needsAck: true,
  ...more,
})

it('puts alarms first, and among them what nobody has seen', () => {
  const list = [
    message('1', { priority: 'info' }),
    message('2', { priority: 'alarm', acknowledgedAt: '2026-01-01T10:00:09.000Z' }),
    message('3', { priority: 'warning' }),
    message('4', { priority: 'alarm' }),
    message('5', { priority: 'action' }),
    message('6', { priority: 'alarm' }),
  ]
  expect(byUrgency(list).map(({ id }) => id)).toEqual(['6', '4', '2', '5', '3', '1'])
})

it('calls out until somebody has seen it, also when an alarm is over', () => {
  expect(callsOut(message('1', { priority: 'alarm', endedAt: '2026-01-01T10:00:09.000Z' }))).toBe(true)
  expect(callsOut(message('1', { priority: 'alarm', acknowledgedAt: '2026-01-01T10:00:09.000Z' }))).toBe(false)
  expect(callsOut(message('1', { priority: 'action' }))).toBe(true)
  expect(callsOut(message('1', { priority: 'action', endedAt: '2026-01-01T10:00:09.000Z' }))).toBe(false)
  expect(callsOut(message('1', { priority: 'warning' }))).toBe(false)
})
