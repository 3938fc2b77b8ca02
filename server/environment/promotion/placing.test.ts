/** What comes after the deploy of a promotion: only where nobody was in between, once, and by whoever may. The database is a double here. */
import { expect, test } from 'vitest'
import { createLog } from '../../../base/log.ts'
import type { PanelLayout } from '../../api/index.ts'
import { createPlacing, type PlacingDeps } from './placing.ts'
import type { Unplaced } from './rows.ts'

const layout: PanelLayout = { tabs: [{ kind: 'page', id: 'work', page: 'work' }] }
const OLD = 'a'.repeat(64)
const NEW = 'b'.repeat(64)

function shop({ isApproved = true, panelRevision = 3, program = OLD as string | undefined } = {}) {
  let open: Unplaced | undefined = {
    versionId: 'ver_1',
    author: 'Ann',
    reason: 'warm up',
    isApproved,
    promoted: {
      tests: [],
      panels: [{ scope: { place: 'haas' }, layout }],
      placing: { panels: [{ key: 'haas/*', basedOn: 3 }], programs: [{ name: 'plate.nc', sha256: NEW, basedOn: OLD }] },
    } as unknown as Unplaced['promoted'],
  }
  const done: string[] = []
  const deps = {
    rows: {
      unplaced: async () => open,
      async placed() {
        open = undefined
      },
    },
    shelf: {
      of: async () => ({ layout: { tabs: [] }, revision: panelRevision }),
      save: async ({ basedOn, by }: { basedOn: number; by: { name: string } }) => {
        if (basedOn !== panelRevision) throw new Error('changed meanwhile')
        return done.push(`panel by ${by.name}`)
      },
    },
    programs: {
      find: async () => ({ sha256: program }),
      upload: async ({ by }: { by: string }) => {
        done.push(`program by ${by}`)
        return { id: 'prg_1' }
      },
      remove: async () => {},
    },
    tests: { get: async () => undefined, put: async () => {} },
    folders: { take: async () => ({ content: { programs: new Map([[NEW, Buffer.from('G1')]]) } }) },
    audit: { record: ({ action }: { action: string }) => void done.push(action) },
    log: createLog('test', 'silent'),
  } as unknown as PlacingDeps
  return { place: createPlacing(deps), done }
}

test('a gateway that died on the way goes on at its next start, once', async () => {
  const { place, done } = shop({ isApproved: false })
  expect(await place('approved')).toEqual([])
  expect(done).toEqual([])
  expect(await Promise.all([place('any'), place('any')])).toEqual([[], []])
  expect(done).toEqual(['program by Ann', 'uploaded a program', 'panel by Ann'])
})

test('what was changed here since stays as it is, and is told', async () => {
  const { place, done } = shop({ panelRevision: 4, program: 'c'.repeat(64) })
  expect(await place('approved')).toEqual([expect.stringContaining('"plate.nc" was changed here meanwhile'), 'haas/*: changed meanwhile'])
  expect(done).toEqual(['promotion.place-failed'])
  expect(await place('any')).toEqual([])
})

test('a program that is there as it comes is not stored again', async () => {
  const { place, done } = shop({ program: NEW })
  await place('approved')
  expect(done).toEqual(['panel by Ann'])
})
