import { expect, it } from 'vitest'
import { ROUTES } from '../../server/api/index.ts'
import { apiDocs as de } from '../shared/text/de/api-docs.ts'
import { apiDocs as en } from '../shared/text/en/api-docs.ts'

it('has a name in both languages for every group of routes', () => {
  const tags = [...new Set(ROUTES.map(({ tag }) => tag))].sort()
  expect(Object.keys(en.tags)).toEqual(expect.arrayContaining(tags))
  expect(Object.keys(de.tags).sort()).toEqual(Object.keys(en.tags).sort())
})
