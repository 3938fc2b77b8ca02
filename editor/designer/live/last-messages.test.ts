import { expect, test } from 'vitest'
import { cutsByPath } from './last-messages.ts'

test('what was left out is found by the path that is shown', () => {
  const cuts = cutsByPath([
    { path: ['payload', 'list', 3, 'bore diameter'], why: 'text', length: 9 },
    { path: [], why: 'size' },
  ])
  expect([...cuts.keys()]).toEqual(['msg.payload.list[3]["bore diameter"]', 'msg'])
})
