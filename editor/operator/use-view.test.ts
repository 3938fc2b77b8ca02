import { expect, it } from 'vitest'
import { hashOf, type View, viewFrom } from './use-view.ts'

it('finds again by its address what was shown', () => {
  const views: View[] = [
    { kind: 'auto' },
    { kind: 'cell', tab: '' },
    { kind: 'cell', tab: 'wall' },
    { kind: 'machine', machineId: 'mill-1', tab: '' },
    { kind: 'machine', machineId: 'cell', tab: 'move' },
  ]
  for (const view of views) expect(viewFrom(hashOf(view))).toEqual(view)
})
