/** Archives from strangers: each way to do harm is refused whole, with its reason, and costs little. */
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { Header } from 'tar'
import { describe, expect, test } from 'vitest'
import fc from '../../../test/property.ts'
import { LIMITS } from './limits.ts'
import { checkPath } from './paths.ts'
import { readArchive } from './read-archive.ts'
import { writeArchive } from './write-archive.ts'

type Entry = { path: string; content?: Buffer | string; type?: string; linkpath?: string; size?: number }

/** A tar as anybody could write it, rules aside. */
function tarOf(entries: readonly Entry[]): Buffer {
  const blocks = entries.flatMap(({ path, content = '', type = 'File', linkpath, size }) => {
    const body = Buffer.from(content as string)
    const block = Buffer.alloc(512)
    new Header({
      path,
      mode: 0o644,
      size: size ?? body.length,
      mtime: new Date(0),
      type: type as never,
      ...(linkpath === undefined ? {} : { linkpath }),
    }).encode(block)
    return [block, body, Buffer.alloc((512 - (body.length % 512)) % 512)]
  })
  return Buffer.concat([...blocks, Buffer.alloc(1024)])
}
const cwt = (entries: readonly Entry[]) => gzipSync(tarOf(entries))
const read = (bytes: Buffer) => readArchive(Readable.from([bytes]))
const whyOf = (bytes: Buffer) =>
  read(bytes).then(
    () => 'taken',
    (error: { code?: string; details?: { why?: string } }) => error.details?.why ?? `${error.code} ${String(error)}`,
  )

/** A hundred thousand entries: the first thousand made, the last of them over and over. */
function manyOf(entry: (n: number) => Entry): Buffer {
  const first = tarOf(Array.from({ length: 1000 }, (_, n) => entry(n))).subarray(0, -1024)
  const last = first.subarray(-first.length / 1000)
  return gzipSync(Buffer.concat([first, ...Array.from({ length: 99_000 }, () => last)]), { level: 1 })
}

/** Half a gigabyte in half a megabyte: zeros, packed once and repeated, as gzip allows. */
function bomb(): Buffer {
  const zeros = gzipSync(Buffer.alloc(10_000_000))
  const head = gzipSync(tarOf([{ path: 'programs/x.nc', size: 8_000_000 }]).subarray(0, 512))
  return Buffer.concat([head, ...Array.from({ length: 50 }, () => zeros)])
}

test('what is packed comes out as it was, and the same files are the same bytes', async () => {
  const files = new Map([
    ['template.json', Buffer.from('{}')],
    ['samples/work-orders/WO 1.csv', Buffer.from('number;part\n')],
    [`programs/${'long-name-'.repeat(11)}ä.nc`, Buffer.alloc(70_000, 'G1 X1\n')],
    ['README.md', Buffer.alloc(0)],
  ])
  const packed = await writeArchive(files)
  expect(await read(packed)).toEqual(files)
  expect(await writeArchive(new Map([...files].toReversed()))).toEqual(packed)
})

describe('refused whole, with the reason', () => {
  const cases: [string, string, () => Buffer][] = [
    ['a way out of the folder', 'path-traversal', () => cwt([{ path: 'programs/../../x.nc' }])],
    ['a path from the root', 'path-absolute', () => cwt([{ path: '/etc/passwd' }])],
    ['a path of Windows', 'path-characters', () => cwt([{ path: 'programs\\x.nc' }])],
    ['a drive of Windows', 'path-characters', () => cwt([{ path: 'C:x.nc' }])],
    ['a hidden file', 'path-hidden', () => cwt([{ path: 'programs/.bashrc' }])],
    ['a device of Windows', 'path-device', () => cwt([{ path: 'programs/NUL.nc' }])],
    ['a file that no template holds', 'path-unknown', () => cwt([{ path: 'install.sh', content: 'rm' }])],
    ['a symbolic link', 'not-a-file', () => cwt([{ path: 'README.md', type: 'SymbolicLink', linkpath: '/etc/passwd' }])],
    ['a hard link', 'not-a-file', () => cwt([{ path: 'README.md', type: 'Link', linkpath: 'template.json' }])],
    ['a device', 'not-a-file', () => cwt([{ path: 'programs/x', type: 'CharacterDevice' }])],
    ['a pipe', 'not-a-file', () => cwt([{ path: 'programs/x', type: 'FIFO' }])],
    [
      'the same file twice',
      'duplicate',
      () =>
        cwt([
          { path: 'README.md', content: 'a' },
          { path: 'README.md', content: 'b' },
        ]),
    ],
    ['names that differ by case', 'duplicate', () => cwt([{ path: 'programs/A.nc' }, { path: 'programs/a.nc' }])],
    ['names that differ by the form of an umlaut', 'duplicate', () => cwt([{ path: 'programs/\u00e4.nc' }, { path: 'programs/a\u0308.nc' }])],
    [
      'a file that is a folder too',
      'duplicate',
      () =>
        cwt([
          { path: 'samples/a', content: 'x' },
          { path: 'samples/A', content: 'y' },
        ]),
    ],
    ['more files than a template has', 'too-many-files', () => cwt(Array.from({ length: 301 }, (_, n) => ({ path: `programs/${n}.nc` })))],
    ['a hundred thousand files', 'too-many-files', () => manyOf((n) => ({ path: `programs/${n}.nc` }))],
    ['a hundred thousand long names for nothing', 'too-many-files', () => manyOf(() => ({ path: 'x', content: 'y', type: 'NextFileHasLongPath' }))],
    ['a file that is too large', 'file-large', () => cwt([{ path: 'programs/x.nc', size: LIMITS.fileBytes + 1 }])],
    [
      'a name of a megabyte',
      'not-an-archive',
      () => cwt([{ path: 'x', type: 'NextFileHasLongPath', content: Buffer.alloc(1_000_000, 'a') }, { path: 'README.md' }]),
    ],
    ['a file of zeros, packed to a thousandth', 'ratio', () => cwt([{ path: 'programs/x.nc', content: Buffer.alloc(7_900_000) }])],
    ['zeros behind its end', 'behind-the-end', () => gzipSync(Buffer.concat([tarOf([{ path: 'README.md' }]), Buffer.alloc(2_000_000)]))],
    ['an archive in an archive', 'packed-twice', () => gzipSync(cwt([{ path: 'README.md' }]))],
    ['an archive that is not packed', 'not-an-archive', () => tarOf([{ path: 'README.md' }])],
    ['something else', 'not-an-archive', () => Buffer.from('{"id":"x"}')],
    ['nothing', 'empty', () => Buffer.alloc(0)],
    ['packed nothing', 'not-an-archive', () => gzipSync(Buffer.from('not a tar'))],
    ['half an archive', 'not-an-archive', () => cwt([{ path: 'README.md', content: Buffer.alloc(9000, 'word ') }]).subarray(0, 60)],
    ['an entry that is cut off', 'not-an-archive', () => gzipSync(tarOf([{ path: 'README.md', content: Buffer.alloc(5000, 'x') }]).subarray(0, 2048))],
    [
      'a wrong checksum',
      'not-an-archive',
      () => {
        const tar = tarOf([{ path: 'README.md', content: 'x' }])
        tar[0] = 0x41
        return gzipSync(tar)
      },
    ],
  ]
  test.each(cases)('%s', async (_, why, make) => {
    expect(await whyOf(make())).toBe(why)
  })

  test('one that is larger than any template, before it is unpacked', async () => {
    let sent = 0
    const endless = Readable.from(
      (function* () {
        for (;;) {
          sent += 65_536
          yield Buffer.alloc(65_536, 1)
        }
      })(),
    )
    await expect(readArchive(endless)).rejects.toMatchObject({ code: 'template-refused' })
    expect(sent).toBeLessThan(LIMITS.packedBytes + 1_000_000)
  })
})

test('a bomb is given up long before it is unpacked', async () => {
  const packed = bomb()
  expect(packed.length).toBeLessThan(1_000_000)
  const before = process.memoryUsage()
  expect(await whyOf(packed)).toMatch(/^(ratio|behind-the-end)$/)
  const after = process.memoryUsage()
  expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(40_000_000)
})

test('whatever bytes come, the answer is files within the limits or a refusal', async () => {
  const good = tarOf([
    { path: 'template.json', content: '{"a":1}' },
    { path: 'programs/x.nc', content: Buffer.alloc(3000, 'G1 X1\n') },
  ])
  const mutation = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 30 })
  await fc.assert(
    fc.asyncProperty(mutation, fc.nat(good.length), async (changes, end) => {
      const bytes = Buffer.from(good)
      for (const [at, value] of changes) bytes[at] = value
      const packed = gzipSync(end % 3 === 0 ? bytes.subarray(0, end) : bytes)
      try {
        const files = await read(packed)
        for (const path of files.keys()) expect(checkPath(path, false)).toBe(path)
      } catch (error) {
        expect(error).toMatchObject({ code: 'template-refused' })
      }
    }),
    { numRuns: 100 },
  )
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), async (bytes) => {
      await expect(read(Buffer.from(bytes))).rejects.toMatchObject({ code: 'template-refused' })
    }),
    { numRuns: 50 },
  )
})

test('a path that is taken stays inside of its folder on every system', () => {
  const part = fc.oneof(
    fc.constantFrom('..', '.', '', 'programs', 'CON', 'a ', 'a.', '~', 'c:', '\\', 'ä', '\u202e'),
    fc.string({ unit: 'binary', maxLength: 8 }),
  )
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), (parts) => {
      const given = parts.join('/')
      let path: string | undefined
      try {
        path = checkPath(given, false)
      } catch {
        return
      }
      const pieces = path?.split('/') ?? []
      expect(pieces.every((piece) => piece !== '' && !piece.startsWith('.') && !/[\\:\p{Cc}]/u.test(piece))).toBe(true)
    }),
    { numRuns: 500 },
  )
})
