import { expect, test } from 'vitest'
import { urlOf } from './api.ts'

test('fills path and query, and leaves out what is not there', () => {
  expect(urlOf('/api/jobs/:jobId', { params: { jobId: 'a/b c' }, query: { limit: 5, state: undefined } })).toBe('/api/jobs/a%2Fb%20c?limit=5')
  expect(urlOf('/api/me', {})).toBe('/api/me')
})
