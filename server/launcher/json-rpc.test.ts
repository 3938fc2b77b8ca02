import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Type } from 'typebox'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { UserError } from '../../base/errors.ts'
import { defineRpc, openRpc } from '../../base/rpc.ts'
import fc from '../../test/property.ts'
import { rounds } from '../../test/rounds.ts'
import { callsOver, frame, readFrames } from './json-rpc.ts'

const contract = defineRpc({
  requests: {
    add: { params: Type.Object({ a: Type.Number(), b: Type.Number() }), result: Type.Number() },
    wait: { params: Type.Object({}), result: Type.Null() },
  },
  notifications: {},
})
const notices = defineRpc({ requests: {}, notifications: { news: Type.String() } })

let dir: string
let socket: Socket
let end: () => void
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'cw-rpc-'))
  const path = join(dir, 's.sock')
  const server = createServer((other) => {
    const peer = openRpc({
      socket: other,
      serves: contract,
      calls: notices,
      handlers: {
        notifications: {},
        requests: {
          add: ({ a, b }) => {
            peer.notify('news', 'ünïcödé')
            if (a < 0) throw new UserError({ code: 'too-small', message: 'Only positive numbers.' })
            return a + b
          },
          wait: () => new Promise<null>(() => {}),
        },
      },
    })
  })
  await new Promise<void>((resolve) => server.listen(path, resolve))
  socket = connect(path)
  end = () => {
    socket.destroy()
    server.close()
  }
})
afterEach(() => {
  end()
  rmSync(dir, { recursive: true, force: true })
})

test('is understood by the RPC of our other processes, notifications in between', async () => {
  const rpc = callsOver(socket)
  expect(await Promise.all([rpc.call('add', { a: 1, b: 2 }, 5000), rpc.call('add', { a: 3, b: 4 }, 5000)])).toEqual([3, 7])
})

test('passes a refusal on, with its code', async () => {
  await expect(callsOver(socket).call('add', { a: -1, b: 2 }, 5000)).rejects.toMatchObject({ message: 'Only positive numbers.', code: 'too-small' })
})

test('does not wait for ever, neither for a silent side nor for one that went away', async () => {
  const rpc = callsOver(socket)
  await expect(rpc.call('wait', {}, 50)).rejects.toThrow('did not answer wait')
  const waiting = rpc.call('wait', {}, 5000)
  socket.destroy()
  await expect(waiting).rejects.toThrow('went away')
})

test('reads the same messages however the stream is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue(), { maxLength: 5 }), fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (messages, cuts) => {
      const stream = Buffer.concat(messages.map(frame))
      const seen: unknown[] = []
      const read = readFrames((message) => seen.push(message))
      for (let at = 0, i = 0; at < stream.length; i += 1) {
        const size = cuts[i % cuts.length]!
        read(stream.subarray(at, at + size))
        at += size
      }
      expect(seen).toEqual(messages.map((message) => JSON.parse(JSON.stringify(message))))
    }),
    { numRuns: rounds(100) },
  )
})

test('refuses a length that no message of ours has', () => {
  const read = readFrames(() => {})
  expect(() => read(Buffer.from('Content-Length: 999999999999\r\n\r\n'))).toThrow('length')
})
