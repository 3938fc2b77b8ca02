import type { IncomingMessage } from 'node:http'
import { expect, it } from 'vitest'
import type { Caller } from '../auth/caller.ts'
import { createFrames } from './frames.ts'

const request = (cookie: string) => ({ headers: { cookie } }) as IncomingMessage
const people = new Map<string, Caller>()
const signedIn = (cookie: string) => people.set(cookie, { name: cookie, capabilities: new Set(['machines.view' as const]) } as unknown as Caller)
const frames = () => createFrames(async ({ headers }) => people.get(headers.cookie ?? ''))

it('an address stands for the sign-in that asked for it, and ends with it', async () => {
  const book = frames()
  signedIn('otto')
  const prefix = book.open(request('otto'))
  expect(await book.find(`${prefix}/dashboard/oee?x=1`)).toMatchObject({ prefix, url: '/dashboard/oee?x=1', caller: { name: 'otto' } })
  people.delete('otto')
  expect(await book.find(`${prefix}/dashboard/oee`)).toBeUndefined()
  signedIn('otto')
  expect(await book.find(`${prefix}/dashboard/oee`)).toBeUndefined()
})

it('a made-up address, or one that is cut off, is none', async () => {
  const book = frames()
  signedIn('otto')
  const prefix = book.open(request('otto'))
  for (const url of [
    prefix,
    `${prefix.slice(0, -1)}/dashboard`,
    `${prefix}x/dashboard`,
    `/framed/${'x'.repeat(32)}/dashboard`,
    '/framed//dashboard',
    '/framed',
  ])
    expect(await book.find(url)).toBeUndefined()
})

it('the same sign-in has one address, another one has its own; the oldest of very many is forgotten', async () => {
  const book = frames()
  for (const name of ['otto', 'paula']) signedIn(name)
  const first = book.open(request('otto'))
  expect(book.open(request('otto'))).toBe(first)
  expect(book.open(request('paula'))).not.toBe(first)
  for (let count = 0; count < 500; count += 1) book.open(request(`many-${count}`))
  expect(await book.find(`${first}/dashboard`)).toBeUndefined()
})
