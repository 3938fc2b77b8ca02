import { afterEach, expect, test, vi } from 'vitest'
import { ApiError, post, urlOf } from './api.ts'

afterEach(() => vi.unstubAllGlobals())

test('fills path and query, and leaves out what is not there', () => {
  expect(urlOf('/api/jobs/:jobId', { params: { jobId: 'a/b c' }, query: { limit: 5, state: undefined } })).toBe('/api/jobs/a%2Fb%20c?limit=5')
  expect(urlOf('/api/me', {})).toBe('/api/me')
})

test.each([
  ['en', 'The job has ended already: failed.'],
  ['de', 'Dieser Auftrag ist schon beendet.'],
])('says in %s why the server refuses, and keeps its code and its facts', async (lang, message) => {
  vi.stubGlobal('document', { documentElement: { lang } })
  const problem = { code: 'job-ended', detail: 'The job has ended already: failed.', errors: [{ path: '/a', message: 'b' }] }
  vi.stubGlobal('fetch', async () => new Response(JSON.stringify(problem), { status: 409 }))
  const refusal = await post('/api/x', {}).catch((error: unknown) => error)
  expect(refusal).toBeInstanceOf(ApiError)
  expect(refusal).toMatchObject({ code: 'job-ended', status: 409, message, errors: [{ path: '/a' }] })
})
