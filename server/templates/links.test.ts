import { expect, test } from 'vitest'
import { createLinks } from './links.ts'

const of = { templateId: 'count-parts', version: '1.0.0' }
const linkOf = (path: string) => {
  const url = new URL(path, 'http://x')
  const [version = '', templateId = ''] = url.pathname.split('/').toReversed()
  return { templateId, version, until: Number(url.searchParams.get('until')), key: url.searchParams.get('key') ?? '' }
}

test('a link opens what it was made for, until its time, and nothing else', () => {
  let now = Date.parse('2026-05-04T08:00:00Z')
  const links = createLinks({ derive: () => '5'.repeat(64) }, () => now)
  const { path, until } = links.make(of)
  const link = linkOf(path)
  expect(link).toMatchObject(of)
  expect(until).toBe('2026-05-11T08:00:00.000Z')
  expect(links.opens(link)).toBe(true)
  for (const other of [{ version: '1.0.1' }, { templateId: 'other' }, { until: link.until + 1 }, { key: `${link.key.slice(0, -1)}A` }, { key: '' }])
    expect(links.opens({ ...link, ...other })).toBe(false)
  expect(createLinks({ derive: () => '6'.repeat(64) }, () => now).opens(link)).toBe(false)
  now += 8 * 86_400_000
  expect(links.opens(link)).toBe(false)
})
